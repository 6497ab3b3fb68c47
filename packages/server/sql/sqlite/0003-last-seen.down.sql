-- It is not known any more when users were last connected.

DROP TABLE last_seen;
