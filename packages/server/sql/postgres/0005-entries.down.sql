-- What stood in entries and in these columns is lost. Replies of threads stay, as messages that do not count.
UPDATE events SET message = 1 WHERE message = 3;
ALTER TABLE users DROP COLUMN deactivated_ms;
ALTER TABLE users DROP COLUMN settings;
ALTER TABLE members DROP COLUMN hidden_seq;
ALTER TABLE members DROP COLUMN archived_ms;
ALTER TABLE members DROP COLUMN pinned_ms;
ALTER TABLE members DROP COLUMN muted_until_ms;
ALTER TABLE members DROP COLUMN public_read_seq;
ALTER TABLE conversations DROP COLUMN settings;
DROP INDEX events_thread;
ALTER TABLE events DROP COLUMN state;
ALTER TABLE events DROP COLUMN thread_seq;
DROP TABLE entries;
