-- What an event is about, where there are streams of only that; null for what concerns the whole account.
ALTER TABLE stream_events ADD COLUMN topic text;
