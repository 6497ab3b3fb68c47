-- A page of an inbox looks at every stream of its user: by its number at once, and not by its id first.
ALTER TABLE members ADD COLUMN stream_no INTEGER NOT NULL DEFAULT 0; -- of the conversation
UPDATE members SET stream_no = ifnull((SELECT no FROM streams s WHERE s.app_id = members.app_id AND s.stream_id = members.conversation_id), 0);
DROP INDEX members_user;
CREATE INDEX members_user ON members (app_id, user_id, conversation_id, stream_no, hidden_seq, pinned_ms, archived_ms, muted_until_ms) WHERE active = 1;
