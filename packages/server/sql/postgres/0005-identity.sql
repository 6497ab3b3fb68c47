-- What an app says of how its users show who they are. One that says nothing has no row.
CREATE TABLE app_auth (
  app_id   uuid PRIMARY KEY,
  issuers  text NOT NULL,                   -- JSON array: whose tokens the app takes
  identity text                             -- JSON; null: the built-in identity is off
);
