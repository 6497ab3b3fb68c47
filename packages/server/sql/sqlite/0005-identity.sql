-- What an app says of how its users show who they are. One that says nothing has no row.
CREATE TABLE app_auth (
  app_id   BLOB PRIMARY KEY,
  issuers  TEXT NOT NULL,                    -- JSON array: whose tokens the app takes
  identity TEXT                              -- JSON; null: the built-in identity is off
) WITHOUT ROWID;
