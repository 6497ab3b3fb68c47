-- What tenants have in databases of their own is not reached any more behind this.

ALTER TABLE store DROP COLUMN directory_epoch;
ALTER TABLE store DROP COLUMN tenant_id;
DROP TABLE removed_apps;
DROP TABLE tenant_databases;
