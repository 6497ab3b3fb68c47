-- Where the log has gone on: written by a move to another database, in the transaction that ends writing here (RES5).
ALTER TABLE store ADD COLUMN moved_to TEXT;
