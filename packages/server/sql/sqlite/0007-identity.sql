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
CREATE INDEX revocations_revoked ON revocations (revoked_ms);
CREATE INDEX revocations_until ON revocations (until_ms);

-- Users of the built-in identity.
CREATE TABLE accounts (
  app_id        BLOB    NOT NULL,
  user_id       BLOB    NOT NULL,
  login         TEXT,                        -- null: a guest
  password_hash TEXT,                        -- argon2id, with its salt
  created_ms    INTEGER NOT NULL,
  changed_ms    INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_login ON accounts (app_id, login) WHERE login IS NOT NULL;

-- Where they are logged in: one family of refresh tokens each, of which one is good.
CREATE TABLE sessions (
  app_id      BLOB    NOT NULL,
  id          BLOB    NOT NULL,
  user_id     BLOB    NOT NULL,
  device      TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  created_ms  INTEGER NOT NULL,
  used_ms     INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL,
  ended_ms    INTEGER,
  token_hash  TEXT    NOT NULL,              -- of the good one
  former_hash TEXT,                          -- of the one before
  PRIMARY KEY (app_id, id)
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (app_id, user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_ms);

-- How often somebody has tried a password. Soft state, but for crashes: not in backups. Names are hashes.
CREATE TABLE attempts (
  app_id   BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  count    INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (app_id, name)
) WITHOUT ROWID;
CREATE INDEX attempts_until ON attempts (until_ms);
