-- Who runs the installation.
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

-- Links that are good once, by the hash of their secret. Not in backups: one that has been used since stays used.
CREATE TABLE operator_links (
  hash        TEXT PRIMARY KEY,
  operator_id BLOB,                         -- null: of the first owner
  created_ms  INTEGER NOT NULL,
  expires_ms  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX operator_links_operator ON operator_links (operator_id);
CREATE INDEX operator_links_expires ON operator_links (expires_ms);

-- Where they are signed in, by the hash of what the cookie holds. Not in backups: one that has ended since stays ended.
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
CREATE UNIQUE INDEX operator_sessions_hash ON operator_sessions (hash);
CREATE INDEX operator_sessions_operator ON operator_sessions (operator_id, id);
CREATE INDEX operator_sessions_expires ON operator_sessions (expires_ms);
