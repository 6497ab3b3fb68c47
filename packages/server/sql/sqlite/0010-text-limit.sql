-- How many characters the text of an app's messages may have.
ALTER TABLE apps ADD COLUMN text_max INTEGER NOT NULL DEFAULT 10000;
