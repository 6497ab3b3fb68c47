-- Users of the built-in identity, and those of issuers, cannot show any more who they are.

DROP TABLE app_auth;
