-- State beside the log that belongs to a conversation or a user and has no table of its own: each row was set by one fact of
-- the stream, or of another stream that was written with it.
CREATE TABLE entries (
  app_id     BLOB    NOT NULL,
  stream_id  BLOB    NOT NULL,
  kind       TEXT    NOT NULL,               -- of the stream: 'c' conversation, 'u' user
  type       TEXT    NOT NULL,               -- what it is: storage/entry-types.ts lists them
  key        TEXT    NOT NULL,               -- of whom or of what; may be empty
  target_seq INTEGER NOT NULL,               -- the message that it is about, or 0: goes with the message (VIS4, VIS5)
  seq        INTEGER NOT NULL,               -- the fact that set it
  value      TEXT    NOT NULL,               -- JSON
  due_ms     INTEGER,                        -- when something has to happen
  PRIMARY KEY (app_id, stream_id, type, key, target_seq)
) WITHOUT ROWID;
CREATE INDEX entries_target ON entries (app_id, stream_id, target_seq, type, key) WHERE target_seq > 0;
CREATE INDEX entries_due ON entries (due_ms) WHERE due_ms IS NOT NULL;

ALTER TABLE events ADD COLUMN thread_seq INTEGER; -- of a reply: the message that its thread began with
ALTER TABLE events ADD COLUMN state TEXT;         -- of a message: what its facts come to (reactions, thread, poll), as JSON
CREATE INDEX events_thread ON events (stream_no, thread_seq, seq) WHERE thread_seq IS NOT NULL;

ALTER TABLE conversations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

ALTER TABLE members ADD COLUMN public_read_seq INTEGER NOT NULL DEFAULT 0; -- CNT3: what others are shown
ALTER TABLE members ADD COLUMN muted_until_ms INTEGER;
ALTER TABLE members ADD COLUMN pinned_ms INTEGER;
ALTER TABLE members ADD COLUMN archived_ms INTEGER;
ALTER TABLE members ADD COLUMN hidden_seq INTEGER;                         -- hidden until something comes behind this seq
UPDATE members SET public_read_seq = read_seq;

ALTER TABLE users ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN deactivated_ms INTEGER;
