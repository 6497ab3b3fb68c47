-- Messages that were sent stay.

ALTER TABLE apps DROP COLUMN text_max;
