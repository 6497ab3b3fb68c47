-- What an app says of how its users show who they are. One that says nothing has no row.
CREATE TABLE app_auth (
  app_id   BLOB PRIMARY KEY,
  issuers  TEXT NOT NULL,                    -- JSON array: whose tokens the app takes
  identity TEXT                              -- JSON; null: the built-in identity is off
) WITHOUT ROWID;

-- RES6: tokens of a user that are revoked by name, kept until none of them can live any more.
CREATE TABLE revocations (
  app_id     BLOB    NOT NULL,
  user_id    BLOB    NOT NULL,
  name       TEXT    NOT NULL,               -- 'token …', 'session …' or 'device …'
  before_ms  INTEGER NOT NULL,               -- those that were issued before
  revoked_ms INTEGER NOT NULL,
  until_ms   INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id, name)
) WITHOUT ROWID;
CREATE INDEX revocations_until ON revocations (until_ms);
