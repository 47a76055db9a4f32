-- A job that is kept for the operator stands in nobody's way: the same work may be due again.
UPDATE jobs SET unique_key = NULL WHERE status = 'failed';
