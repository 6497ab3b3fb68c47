-- Written by scripts/dump-schema.mjs from the numbered files. Change those, then run it again.

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

CREATE TABLE api_keys (
  id           BLOB PRIMARY KEY,
  app_id       BLOB,                         -- null: an admin key
  name         TEXT    NOT NULL,
  prefix       TEXT    NOT NULL,
  hash         TEXT    NOT NULL,
  scopes       TEXT    NOT NULL,             -- JSON array
  created_ms   INTEGER NOT NULL,
  expires_ms   INTEGER,
  revoked_ms   INTEGER,
  last_used_ms INTEGER
) WITHOUT ROWID;

CREATE INDEX api_keys_app ON api_keys (app_id, id);

CREATE TABLE app_auth (
  app_id   BLOB PRIMARY KEY,
  issuers  TEXT NOT NULL,                    -- JSON array: whose tokens the app takes
  identity TEXT                              -- JSON; null: the built-in identity is off
) WITHOUT ROWID;

CREATE TABLE apps (
  id              BLOB PRIMARY KEY,
  tenant_id       BLOB    NOT NULL REFERENCES tenants (id),
  name            TEXT    NOT NULL,
  public_key      TEXT    NOT NULL UNIQUE,
  sealed_secret   TEXT    NOT NULL,
  allowed_origins TEXT    NOT NULL,          -- JSON array
  retention_days  INTEGER,
  create_users          INTEGER NOT NULL,
  created_ms      INTEGER NOT NULL
, link_previews INTEGER NOT NULL DEFAULT 0, text_max INTEGER NOT NULL DEFAULT 10000) WITHOUT ROWID;

CREATE INDEX apps_tenant ON apps (tenant_id, id);

CREATE TABLE attempts (
  app_id   BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  count    INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (app_id, name)
) WITHOUT ROWID;

CREATE INDEX attempts_until ON attempts (until_ms);

CREATE TABLE command_keys (
  client_id    TEXT    NOT NULL,
  actor_id     BLOB    NOT NULL,
  app_id       BLOB    NOT NULL,
  stream_no    INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  time_ms      INTEGER NOT NULL,
  type         TEXT    NOT NULL,
  target_seq   INTEGER,
  request_hash TEXT    NOT NULL,
  PRIMARY KEY (client_id, actor_id, app_id)
) WITHOUT ROWID;

CREATE TABLE consumers (
  name     TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  owner    TEXT    NOT NULL,
  until_ms INTEGER NOT NULL,
  fence    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE conversations (
  app_id       BLOB    NOT NULL,
  id           BLOB    NOT NULL,
  kind         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  data         TEXT    NOT NULL,
  history      TEXT    NOT NULL,
  member_count INTEGER NOT NULL,
  created_ms   INTEGER NOT NULL,
  updated_ms   INTEGER NOT NULL, settings TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (app_id, id)
) WITHOUT ROWID;

CREATE TABLE dead_letters (
  name      TEXT    NOT NULL,
  position  INTEGER NOT NULL,
  app_id    BLOB    NOT NULL,
  stream_id BLOB    NOT NULL,
  kind      TEXT    NOT NULL,
  seq       INTEGER NOT NULL,
  error     TEXT    NOT NULL,
  time_ms   INTEGER NOT NULL,
  PRIMARY KEY (name, position)
) WITHOUT ROWID;

CREATE TABLE direct_pairs (
  app_id          BLOB NOT NULL,
  pair            TEXT NOT NULL,
  conversation_id BLOB NOT NULL,
  PRIMARY KEY (app_id, pair)
) WITHOUT ROWID;

CREATE TABLE entries (
  app_id     BLOB    NOT NULL,
  stream_id  BLOB    NOT NULL,
  kind       TEXT    NOT NULL,               -- of the stream: 'c' conversation, 'u' user
  type       TEXT    NOT NULL,               -- what it is: storage/entry-types.ts lists them
  key        TEXT    NOT NULL,               -- of whom or of what; may be empty
  target_seq INTEGER NOT NULL,               -- the message that it is about, or 0: goes with the message (VIS4, VIS5)
  seq        INTEGER NOT NULL,               -- the fact that set it
  value      TEXT    NOT NULL,               -- JSON
  due_ms     INTEGER,                        -- when something has to happen
  PRIMARY KEY (app_id, stream_id, type, key, target_seq)
) WITHOUT ROWID;

CREATE INDEX entries_due ON entries (due_ms) WHERE due_ms IS NOT NULL;

CREATE INDEX entries_target ON entries (app_id, stream_id, target_seq, type, key) WHERE target_seq > 0;

CREATE TABLE events (
  position   INTEGER PRIMARY KEY,            -- store-wide, in commit order
  stream_no  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  event_id   TEXT    NOT NULL,               -- never looked up, so kept as it is shown
  type       TEXT    NOT NULL,
  version    INTEGER NOT NULL,
  actor_id   BLOB,
  time_ms    INTEGER NOT NULL,
  target_seq INTEGER,
  client_id  TEXT,
  trace_id   TEXT,
  redacted   INTEGER NOT NULL DEFAULT 0,
  ordinal    INTEGER NOT NULL,               -- CNT1, of a message; else 0
  sender_ordinal INTEGER NOT NULL,
  message    INTEGER NOT NULL,               -- 0: no message, 1: one that does not count, 2: one that does (CNT1)
  body_seq    INTEGER,                       -- of a message: the fact that holds its text, when it is not this one
  changed_seq INTEGER,                       -- the last fact that changed it
  edited_ms   INTEGER,
  deleted_ms  INTEGER,
  payload    TEXT    NOT NULL                -- last: what is long goes on in pages of its own
, thread_seq INTEGER, state TEXT);

CREATE INDEX events_deleted ON events (stream_no, ordinal) WHERE deleted_ms IS NOT NULL AND message = 2;

CREATE UNIQUE INDEX events_place ON events (stream_no, seq, message);

CREATE INDEX events_sender ON events (stream_no, actor_id, seq) WHERE message > 0 AND actor_id IS NOT NULL;

CREATE INDEX events_target ON events (stream_no, target_seq, seq) WHERE target_seq IS NOT NULL;

CREATE INDEX events_thread ON events (stream_no, thread_seq, seq) WHERE thread_seq IS NOT NULL;

CREATE TABLE last_seen (
  app_id  BLOB    NOT NULL,
  user_id BLOB    NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;

CREATE TABLE member_intervals (
  app_id          BLOB    NOT NULL,
  conversation_id BLOB    NOT NULL,
  user_id         BLOB    NOT NULL,
  from_seq        INTEGER NOT NULL,
  to_seq          INTEGER,                   -- null while a member
  PRIMARY KEY (app_id, conversation_id, user_id, from_seq)
) WITHOUT ROWID;

CREATE TABLE members (
  app_id                BLOB    NOT NULL,
  conversation_id       BLOB    NOT NULL,
  user_id               BLOB    NOT NULL,
  role                  TEXT    NOT NULL,
  active                INTEGER NOT NULL,
  joined_seq            INTEGER NOT NULL,
  joined_ms             INTEGER NOT NULL,
  left_seq              INTEGER,
  sender_ordinal        INTEGER NOT NULL,    -- CNT1
  delivered_seq         INTEGER NOT NULL,
  read_seq              INTEGER NOT NULL,
  read_ordinal          INTEGER NOT NULL,
  read_sender_ordinal   INTEGER NOT NULL,
  unread_from_seq       INTEGER,             -- CNT3: "mark unread"
  unread_ordinal        INTEGER NOT NULL,
  unread_sender_ordinal INTEGER NOT NULL,
  marks_version         INTEGER NOT NULL, public_read_seq INTEGER NOT NULL DEFAULT 0, muted_until_ms INTEGER, pinned_ms INTEGER, archived_ms INTEGER, hidden_seq INTEGER, stream_no INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, conversation_id, user_id)
) WITHOUT ROWID;

CREATE INDEX members_former ON members (app_id, user_id, conversation_id) WHERE active = 0;

CREATE INDEX members_marks ON members (app_id, conversation_id, marks_version) WHERE marks_version > 0;

CREATE INDEX members_user ON members (app_id, user_id, conversation_id, stream_no, hidden_seq, pinned_ms, archived_ms, muted_until_ms) WHERE active = 1;

CREATE TABLE migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_ms INTEGER NOT NULL
);

CREATE TABLE operator_links (
  hash        TEXT PRIMARY KEY,
  operator_id BLOB,                         -- null: of the first owner
  created_ms  INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX operator_links_expires ON operator_links (expires_ms);

CREATE INDEX operator_links_operator ON operator_links (operator_id);

CREATE TABLE operator_sessions (
  id          BLOB PRIMARY KEY,
  operator_id BLOB NOT NULL,
  hash        TEXT NOT NULL,
  address     TEXT NOT NULL,
  agent       TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,
  used_ms     INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX operator_sessions_expires ON operator_sessions (expires_ms);

CREATE UNIQUE INDEX operator_sessions_hash ON operator_sessions (hash);

CREATE INDEX operator_sessions_operator ON operator_sessions (operator_id, id);

CREATE TABLE operators (
  id            BLOB PRIMARY KEY,
  login         TEXT,                        -- null until the invitation has been taken up
  name          TEXT NOT NULL,
  role          TEXT NOT NULL,
  password_hash TEXT,                        -- argon2id, with its salt
  disabled      INTEGER NOT NULL,
  created_ms    INTEGER NOT NULL,
  seen_ms       INTEGER
) WITHOUT ROWID;

CREATE UNIQUE INDEX operators_login ON operators (login) WHERE login IS NOT NULL;

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

CREATE INDEX sessions_expires ON sessions (expires_ms);

CREATE INDEX sessions_user ON sessions (app_id, user_id, id);

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE store (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  epoch         TEXT    NOT NULL,            -- RES5: made anew by a restore
  position      INTEGER NOT NULL,            -- never goes back; of the last fact, or behind it
  keys_floor_ms INTEGER NOT NULL DEFAULT 0,  -- SND2: older client ids are refused
  created_ms    INTEGER NOT NULL
, moved_to TEXT);

CREATE TABLE streams (
  no            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, so that it can be remembered
  app_id        BLOB    NOT NULL,
  stream_id     BLOB    NOT NULL,
  kind          TEXT    NOT NULL,            -- 'c' conversation, 'u' user
  head_seq      INTEGER NOT NULL,
  head_position INTEGER NOT NULL,
  head_event_id TEXT    NOT NULL,
  floor_seq     INTEGER NOT NULL,            -- VIS5
  floor_ordinal INTEGER NOT NULL,
  ordinal       INTEGER NOT NULL,            -- CNT1
  marks_version INTEGER NOT NULL,
  UNIQUE (app_id, stream_id)
);

CREATE TABLE tenant_databases (
  tenant_id  BLOB PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  sealed_url TEXT NOT NULL,
  epoch      TEXT
) WITHOUT ROWID;

CREATE TABLE tenants (
  id         BLOB PRIMARY KEY,
  name       TEXT    NOT NULL,
  status     TEXT    NOT NULL,
  created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE usage_hours (
  app_id   BLOB    NOT NULL,
  hour_ms  INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  facts    INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  PRIMARY KEY (app_id, hour_ms)
) WITHOUT ROWID;

CREATE TABLE users (
  app_id               BLOB    NOT NULL,
  id                   BLOB    NOT NULL,
  external_id          TEXT    NOT NULL,
  name                 TEXT    NOT NULL,
  data                 TEXT    NOT NULL,
  created_ms           INTEGER NOT NULL,
  updated_ms           INTEGER NOT NULL,
  tokens_not_before_ms INTEGER NOT NULL DEFAULT 0, settings TEXT NOT NULL DEFAULT '{}', deactivated_ms INTEGER,
  PRIMARY KEY (app_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX users_external ON users (app_id, external_id);
