-- What it comes to, for the case that no meter counts it.
ALTER TABLE metered_usage ADD COLUMN cents bigint;
