-- A tenant may have a database of its own: the rows of its apps stand there, and here stands where that is.
CREATE TABLE tenant_databases (
  tenant_id  uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  sealed_url text NOT NULL,                 -- with the installation's secret: it holds a password
  epoch      text                           -- of the log there, once it has been used: an empty database cannot take its place
);

-- Apps that are gone, and whose rows may still stand in the tenant's database. Its maintenance removes them.
CREATE TABLE removed_apps (
  app_id    uuid PRIMARY KEY,
  tenant_id uuid NOT NULL
);
CREATE INDEX removed_apps_tenant ON removed_apps (tenant_id);

-- Of a tenant's database; both are null in the installation's own.
ALTER TABLE store ADD COLUMN tenant_id uuid;       -- whose it is
ALTER TABLE store ADD COLUMN directory_epoch text; -- of the installation: one that is restored beside it has another
