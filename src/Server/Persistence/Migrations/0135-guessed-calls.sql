-- The carrier's id was found by a look at its list, and nobody has said yet that it is this call.
ALTER TABLE calls ADD COLUMN is_sid_guessed boolean NOT NULL DEFAULT false;
