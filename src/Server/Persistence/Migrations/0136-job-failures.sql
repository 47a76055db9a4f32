-- Of the runs that attempt counts, those that ended with a failure; the others ended with their node.
ALTER TABLE jobs ADD COLUMN failures integer NOT NULL DEFAULT 0;

UPDATE jobs SET failures = CASE WHEN status = 'running' THEN attempt - 1 ELSE attempt END WHERE attempt > 0;
