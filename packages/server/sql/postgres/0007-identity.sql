-- What an app says of how its users show who they are. One that says nothing has no row.
CREATE TABLE app_auth (
  app_id   uuid PRIMARY KEY,
  issuers  text NOT NULL,                   -- JSON array: whose tokens the app takes
  identity text                             -- JSON; null: the built-in identity is off
);

-- RES6: tokens of a user that are revoked by name, kept until none of them can live any more.
CREATE TABLE revocations (
  app_id     uuid   NOT NULL,
  user_id    uuid   NOT NULL,
  name       text   COLLATE "C" NOT NULL,   -- 'token …', 'session …' or 'device …'
  before_ms  bigint NOT NULL,               -- those that were issued before
  revoked_ms bigint NOT NULL,
  until_ms   bigint NOT NULL,
  PRIMARY KEY (app_id, user_id, name)
);
CREATE INDEX revocations_revoked ON revocations (revoked_ms);
CREATE INDEX revocations_until ON revocations (until_ms);

-- Users of the built-in identity.
CREATE TABLE accounts (
  app_id        uuid   NOT NULL,
  user_id       uuid   NOT NULL,
  login         text   COLLATE "C",         -- null: a guest
  password_hash text,                       -- argon2id, with its salt
  created_ms    bigint NOT NULL,
  changed_ms    bigint NOT NULL,
  PRIMARY KEY (app_id, user_id)
);
CREATE UNIQUE INDEX accounts_login ON accounts (app_id, login) WHERE login IS NOT NULL;

-- Where they are logged in: one family of refresh tokens each, of which one is good.
CREATE TABLE sessions (
  app_id      uuid   NOT NULL,
  id          uuid   NOT NULL,
  user_id     uuid   NOT NULL,
  device      text   NOT NULL,
  device_name text   NOT NULL,
  created_ms  bigint NOT NULL,
  used_ms     bigint NOT NULL,
  expires_ms  bigint NOT NULL,
  ended_ms    bigint,
  token_hash  text   NOT NULL,              -- of the good one
  former_hash text,                         -- of the one before
  PRIMARY KEY (app_id, id)
);
CREATE INDEX sessions_user ON sessions (app_id, user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_ms);

-- How often somebody has tried a password. Soft state, but for crashes: not in backups. Names are hashes.
CREATE TABLE attempts (
  app_id   uuid   NOT NULL,
  name     text   COLLATE "C" NOT NULL,
  count    bigint NOT NULL,
  last_ms  bigint NOT NULL,
  until_ms bigint NOT NULL,
  PRIMARY KEY (app_id, name)
);
CREATE INDEX attempts_until ON attempts (until_ms);
