-- Whom a user may search the messages of: conversations that they have left stay theirs, up to where they left.
CREATE INDEX members_former ON members (app_id, user_id, conversation_id) WHERE NOT active;

-- The search index. Derived from the log: not in backups, and made anew when it is not there. One of the two places answers, while the
-- other one is empty or being filled. `words` holds the folded words with their places, and marks, which begin with #.
CREATE TABLE search_state (
  id         integer PRIMARY KEY CHECK (id = 1),
  version    integer NOT NULL,
  generation bigint  NOT NULL,
  slot       integer NOT NULL,
  position   bigint  NOT NULL,              -- up to where the log is in the index that answers
  building   bigint,                        -- and in the one that is being made
  stale_ms   bigint,
  swept      text    NOT NULL DEFAULT ''    -- where the search for entries of messages that are gone goes on
);
INSERT INTO search_state (id, version, generation, slot, position) VALUES (1, 1, 1, 0, 0);

CREATE TABLE search_messages_0 (
  app_id          uuid     NOT NULL,
  conversation_id uuid     NOT NULL,
  seq             bigint   NOT NULL,
  position        bigint   NOT NULL,
  words           tsvector NOT NULL,
  PRIMARY KEY (app_id, conversation_id, seq)
);
CREATE INDEX search_messages_0_words ON search_messages_0 USING gin (words);
CREATE INDEX search_messages_0_position ON search_messages_0 (app_id, position);

CREATE TABLE search_messages_1 (
  app_id          uuid     NOT NULL,
  conversation_id uuid     NOT NULL,
  seq             bigint   NOT NULL,
  position        bigint   NOT NULL,
  words           tsvector NOT NULL,
  PRIMARY KEY (app_id, conversation_id, seq)
);
CREATE INDEX search_messages_1_words ON search_messages_1 USING gin (words);
CREATE INDEX search_messages_1_position ON search_messages_1 (app_id, position);
