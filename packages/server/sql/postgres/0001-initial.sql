-- Keys start with the app and the stream, so that an app can move and tables can be split. Ids are UUIDv7; times are
-- milliseconds since 1970; order is always seq. Texts are compared byte by byte.

CREATE TABLE store (
  id            integer PRIMARY KEY CHECK (id = 1),
  epoch         text   NOT NULL,            -- RES5: made anew by a restore
  position      bigint NOT NULL,            -- never goes back; of the last fact, or behind it, when facts were last removed
  xid_offset    bigint NOT NULL DEFAULT 0,  -- added to transaction ids: another server begins to count anew
  keys_floor_ms bigint NOT NULL DEFAULT 0,  -- SND2: older client ids are refused
  secret_check  text,                       -- of the installation's secret, which every node must have
  created_ms    bigint NOT NULL
);

CREATE TABLE tenants (
  id         uuid   PRIMARY KEY,
  name       text   NOT NULL,
  status     text   NOT NULL,
  created_ms bigint NOT NULL
);

CREATE TABLE apps (
  id              uuid    PRIMARY KEY,
  tenant_id       uuid    NOT NULL REFERENCES tenants (id),
  name            text    NOT NULL,
  public_key      text    COLLATE "C" NOT NULL UNIQUE,
  sealed_secret   text    NOT NULL,
  allowed_origins text    NOT NULL,         -- JSON array
  retention_days  integer,
  create_users    boolean NOT NULL,
  created_ms      bigint  NOT NULL
);
CREATE INDEX apps_tenant ON apps (tenant_id, id);

CREATE TABLE api_keys (
  id           uuid   PRIMARY KEY,
  app_id       uuid,                        -- null: an admin key
  name         text   NOT NULL,
  prefix       text   NOT NULL,
  hash         text   NOT NULL,
  scopes       text   NOT NULL,             -- JSON array
  created_ms   bigint NOT NULL,
  expires_ms   bigint,
  revoked_ms   bigint,
  last_used_ms bigint
);
CREATE INDEX api_keys_app ON api_keys (app_id, id);

CREATE TABLE users (
  app_id               uuid   NOT NULL,
  id                   uuid   NOT NULL,
  external_id          text   COLLATE "C" NOT NULL,
  name                 text   NOT NULL,
  data                 text   NOT NULL,
  created_ms           bigint NOT NULL,
  updated_ms           bigint NOT NULL,
  tokens_not_before_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, id)
);
CREATE UNIQUE INDEX users_external ON users (app_id, external_id);
CREATE INDEX users_revoked ON users (updated_ms) WHERE tokens_not_before_ms > 0; -- RES6

CREATE TABLE conversations (
  app_id       uuid   NOT NULL,
  id           uuid   NOT NULL,
  kind         text   NOT NULL,
  name         text   NOT NULL,
  data         text   NOT NULL,
  history      text   NOT NULL,
  member_count bigint NOT NULL,
  created_ms   bigint NOT NULL,
  updated_ms   bigint NOT NULL,
  PRIMARY KEY (app_id, id)
);

CREATE TABLE direct_pairs (
  app_id          uuid NOT NULL,
  pair            text COLLATE "C" NOT NULL,
  conversation_id uuid NOT NULL,
  PRIMARY KEY (app_id, pair)
);

-- Each append changes its stream's row: with room on the page, and without an index on what changes, that is cheap.
CREATE TABLE streams (
  app_id        uuid   NOT NULL,
  stream_id     uuid   NOT NULL,
  kind          text   NOT NULL,            -- 'c' conversation, 'u' user
  head_seq      bigint NOT NULL,
  head_position bigint NOT NULL,
  head_event_id text   NOT NULL,
  floor_seq     bigint NOT NULL,            -- VIS5
  floor_ordinal bigint NOT NULL,
  ordinal       bigint NOT NULL,            -- CNT1
  marks_version bigint NOT NULL,
  PRIMARY KEY (app_id, stream_id)
) WITH (fillfactor = 70);

CREATE TABLE events (
  app_id         uuid    NOT NULL,
  stream_id      uuid    NOT NULL,
  seq            bigint  NOT NULL,
  position       bigint  NOT NULL,          -- CLU3: the transaction, and the place in it
  event_id       text    NOT NULL,          -- never looked up, so kept as it is shown
  type           text    NOT NULL,
  version        integer NOT NULL,
  actor_id       uuid,
  time_ms        bigint  NOT NULL,
  target_seq     bigint,
  client_id      text,
  trace_id       text,
  redacted       boolean NOT NULL DEFAULT false,
  ordinal        bigint  NOT NULL,          -- CNT1, of a message; else 0
  sender_ordinal bigint  NOT NULL,
  message        integer NOT NULL,          -- 0: no message, 1: one that does not count, 2: one that does (CNT1)
  body_seq       bigint,                    -- of a message: the fact that holds its text, when it is not this one
  changed_seq    bigint,                    -- the last fact that changed it
  edited_ms      bigint,
  deleted_ms     bigint,
  payload        text    NOT NULL,
  PRIMARY KEY (app_id, stream_id, seq)
);
CREATE INDEX events_position ON events (position);
CREATE INDEX events_messages ON events (app_id, stream_id, seq) WHERE message > 0;
CREATE INDEX events_target ON events (app_id, stream_id, target_seq, seq) WHERE target_seq IS NOT NULL;
CREATE INDEX events_sender ON events (app_id, stream_id, actor_id, seq) WHERE message > 0 AND actor_id IS NOT NULL;
CREATE INDEX events_deleted ON events (app_id, stream_id, ordinal) WHERE deleted_ms IS NOT NULL AND message = 2;

CREATE TABLE members (
  app_id                uuid    NOT NULL,
  conversation_id       uuid    NOT NULL,
  user_id               uuid    NOT NULL,
  role                  text    NOT NULL,
  active                boolean NOT NULL,
  joined_seq            bigint  NOT NULL,
  joined_ms             bigint  NOT NULL,
  left_seq              bigint,
  sender_ordinal        bigint  NOT NULL,   -- CNT1
  delivered_seq         bigint  NOT NULL,
  read_seq              bigint  NOT NULL,
  read_ordinal          bigint  NOT NULL,
  read_sender_ordinal   bigint  NOT NULL,
  unread_from_seq       bigint,             -- CNT3: "mark unread"
  unread_ordinal        bigint  NOT NULL,
  unread_sender_ordinal bigint  NOT NULL,
  marks_version         bigint  NOT NULL,
  PRIMARY KEY (app_id, conversation_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX members_user ON members (app_id, user_id, conversation_id) WHERE active;
CREATE INDEX members_marks ON members (app_id, conversation_id, marks_version) WHERE marks_version > 0;

CREATE TABLE member_intervals (
  app_id          uuid   NOT NULL,
  conversation_id uuid   NOT NULL,
  user_id         uuid   NOT NULL,
  from_seq        bigint NOT NULL,
  to_seq          bigint,                   -- null while a member
  PRIMARY KEY (app_id, conversation_id, user_id, from_seq)
);

-- SND2: (app, actor, client_id) is done at (stream, seq). Client ids begin with their time.
CREATE TABLE command_keys (
  app_id       uuid   NOT NULL,
  actor_id     uuid   NOT NULL,
  client_id    text   COLLATE "C" NOT NULL,
  stream_id    uuid   NOT NULL,
  kind         text   NOT NULL,             -- of the stream
  seq          bigint NOT NULL,
  time_ms      bigint NOT NULL,
  type         text   NOT NULL,
  target_seq   bigint,
  request_hash text   NOT NULL,
  PRIMARY KEY (app_id, actor_id, client_id)
);

CREATE TABLE consumers (
  name     text   COLLATE "C" PRIMARY KEY,
  position bigint NOT NULL,
  owner    text   NOT NULL,
  until_ms bigint NOT NULL,
  fence    bigint NOT NULL
);

CREATE TABLE dead_letters (
  name      text   COLLATE "C" NOT NULL,
  position  bigint NOT NULL,
  app_id    uuid   NOT NULL,
  stream_id uuid   NOT NULL,
  kind      text   NOT NULL,
  seq       bigint NOT NULL,
  error     text   NOT NULL,
  time_ms   bigint NOT NULL,
  PRIMARY KEY (name, position)
);

CREATE TABLE usage_hours (
  app_id   uuid   NOT NULL,
  hour_ms  bigint NOT NULL,
  messages bigint NOT NULL,
  facts    bigint NOT NULL,
  bytes    bigint NOT NULL,
  PRIMARY KEY (app_id, hour_ms)
);
