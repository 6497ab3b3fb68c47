-- Who runs the installation.
CREATE TABLE operators (
  id            uuid PRIMARY KEY,
  login         text COLLATE "C",                        -- null until the invitation has been taken up
  name          text NOT NULL,
  role          text NOT NULL,
  password_hash text,                        -- argon2id, with its salt
  disabled      boolean NOT NULL,
  created_ms    bigint NOT NULL,
  seen_ms       bigint
);
CREATE UNIQUE INDEX operators_login ON operators (login) WHERE login IS NOT NULL;

-- Links that are good once, by the hash of their secret. Not in backups: one that has been used since stays used.
CREATE TABLE operator_links (
  hash        text COLLATE "C" PRIMARY KEY,
  operator_id uuid,                         -- null: of the first owner
  created_ms  bigint NOT NULL,
  expires_ms  bigint NOT NULL
);
CREATE INDEX operator_links_operator ON operator_links (operator_id);
CREATE INDEX operator_links_expires ON operator_links (expires_ms);

-- Where they are signed in, by the hash of what the cookie holds. Not in backups: one that has ended since stays ended.
CREATE TABLE operator_sessions (
  id          uuid PRIMARY KEY,
  operator_id uuid NOT NULL,
  hash        text COLLATE "C" NOT NULL,
  address     text NOT NULL,
  agent       text NOT NULL,
  created_ms  bigint NOT NULL,
  used_ms     bigint NOT NULL,
  expires_ms  bigint NOT NULL
);
CREATE UNIQUE INDEX operator_sessions_hash ON operator_sessions (hash);
CREATE INDEX operator_sessions_operator ON operator_sessions (operator_id, id);
CREATE INDEX operator_sessions_expires ON operator_sessions (expires_ms);
