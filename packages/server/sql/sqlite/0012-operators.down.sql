-- Whoever runs the installation has its admin keys, and no dashboard.

DROP TABLE operator_sessions;
DROP TABLE operator_links;
DROP TABLE operators;
