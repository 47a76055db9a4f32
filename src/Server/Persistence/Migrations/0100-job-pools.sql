-- Jobs of one pool share their places on a node; the common one has no name.
ALTER TABLE jobs ADD COLUMN pool text NOT NULL DEFAULT '';

DROP INDEX jobs_due;

CREATE INDEX jobs_due ON jobs (pool, status, run_at, id);

CREATE INDEX jobs_running ON jobs (lease_until) WHERE status = 'running';
