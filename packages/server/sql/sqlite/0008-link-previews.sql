-- Whether links of an app's messages get previews.
ALTER TABLE apps ADD COLUMN link_previews INTEGER NOT NULL DEFAULT 0;
