-- Rows of it come with a backup of an installation whose tenants have databases of their own. A file serves no such tenant.
CREATE TABLE tenant_databases (
  tenant_id  BLOB PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  sealed_url TEXT NOT NULL,
  epoch      TEXT
) WITHOUT ROWID;
