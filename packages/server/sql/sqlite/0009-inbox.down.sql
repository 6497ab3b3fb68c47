DROP INDEX members_user;
CREATE INDEX members_user ON members (app_id, user_id, conversation_id) WHERE active = 1;
