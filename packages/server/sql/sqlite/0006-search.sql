-- Whom a user may search the messages of: conversations that they have left stay theirs, up to where they left.
CREATE INDEX members_former ON members (app_id, user_id, conversation_id) WHERE active = 0;
