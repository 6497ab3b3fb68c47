-- When users were last connected. Soft state: no fact, in no stream, and not in backups. With room on the page, and without an
-- index on what changes, writing it again is cheap.
CREATE TABLE last_seen (
  app_id  uuid   NOT NULL,
  user_id uuid   NOT NULL,
  seen_ms bigint NOT NULL,
  PRIMARY KEY (app_id, user_id)
) WITH (fillfactor = 80);
