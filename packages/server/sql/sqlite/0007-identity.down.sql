-- Users of the built-in identity, and those of issuers, cannot show any more who they are; tokens that were revoked by name are good again.

DROP TABLE attempts;
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE revocations;
DROP TABLE app_auth;
