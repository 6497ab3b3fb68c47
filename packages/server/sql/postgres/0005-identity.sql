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
