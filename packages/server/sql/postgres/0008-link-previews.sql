-- Whether links of an app's messages get previews.
ALTER TABLE apps ADD COLUMN link_previews boolean NOT NULL DEFAULT false;
