-- Previews that were made stay in the log.

ALTER TABLE apps DROP COLUMN link_previews;
