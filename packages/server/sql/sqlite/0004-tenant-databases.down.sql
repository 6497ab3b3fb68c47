DROP TABLE tenant_databases;
