-- The search index goes; a newer program makes it again.
DROP TABLE search_messages_1;
DROP TABLE search_messages_0;
DROP TABLE search_state;
DROP INDEX members_former;
