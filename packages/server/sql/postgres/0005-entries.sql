-- State beside the log that belongs to a conversation or a user and has no table of its own: each row was set by one fact of
-- the stream, or of another stream that was written with it.
CREATE TABLE entries (
  app_id     uuid   NOT NULL,
  stream_id  uuid   NOT NULL,
  kind       text   NOT NULL,               -- of the stream: 'c' conversation, 'u' user
  type       text   COLLATE "C" NOT NULL,   -- what it is: storage/entry-types.ts lists them
  key        text   COLLATE "C" NOT NULL,   -- of whom or of what; may be empty
  target_seq bigint NOT NULL,               -- the message that it is about, or 0: goes with the message (VIS4, VIS5)
  seq        bigint NOT NULL,               -- the fact that set it
  value      text   NOT NULL,               -- JSON
  due_ms     bigint,                        -- when something has to happen
  PRIMARY KEY (app_id, stream_id, type, key, target_seq)
) WITH (fillfactor = 80);
CREATE INDEX entries_target ON entries (app_id, stream_id, target_seq, type, key) WHERE target_seq > 0;
CREATE INDEX entries_due ON entries (due_ms) WHERE due_ms IS NOT NULL;

ALTER TABLE events ADD COLUMN thread_seq bigint; -- of a reply: the message that its thread began with
ALTER TABLE events ADD COLUMN state text;        -- of a message: what its facts come to (reactions, thread, poll), as JSON
CREATE INDEX events_thread ON events (app_id, stream_id, thread_seq, seq) WHERE thread_seq IS NOT NULL;

ALTER TABLE conversations ADD COLUMN settings text NOT NULL DEFAULT '{}';

ALTER TABLE members ADD COLUMN public_read_seq bigint NOT NULL DEFAULT 0; -- CNT3: what others are shown
ALTER TABLE members ADD COLUMN muted_until_ms bigint;
ALTER TABLE members ADD COLUMN pinned_ms bigint;
ALTER TABLE members ADD COLUMN archived_ms bigint;
ALTER TABLE members ADD COLUMN hidden_seq bigint;                         -- hidden until something comes behind this seq
UPDATE members SET public_read_seq = read_seq;

ALTER TABLE users ADD COLUMN settings text NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN deactivated_ms bigint;
