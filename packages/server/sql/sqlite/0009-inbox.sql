-- A page of an inbox is found in the index alone: it has what the filters ask of a member.
DROP INDEX members_user;
CREATE INDEX members_user ON members (app_id, user_id, conversation_id, hidden_seq, pinned_ms, archived_ms, muted_until_ms) WHERE active = 1;
