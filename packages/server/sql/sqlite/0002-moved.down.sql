-- A database that was moved away takes writes again behind this.

ALTER TABLE store DROP COLUMN moved_to;
