-- Cents that an operator's own price came to: no meter's price says so, so they stand on the next invoice by themselves.
ALTER TABLE metered_usage ADD COLUMN own_cents bigint;
