DROP INDEX members_user;
ALTER TABLE members DROP COLUMN stream_no;
CREATE INDEX members_user ON members (app_id, user_id, conversation_id, hidden_seq, pinned_ms, archived_ms, muted_until_ms) WHERE active = 1;
