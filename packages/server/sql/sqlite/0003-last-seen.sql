-- When users were last connected. Soft state: no fact, in no stream, and not in backups.
CREATE TABLE last_seen (
  app_id  BLOB    NOT NULL,
  user_id BLOB    NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;
