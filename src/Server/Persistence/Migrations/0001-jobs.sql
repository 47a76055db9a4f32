-- Work to be done later. A row is written in the transaction of whoever wants it and deleted when it is done.
CREATE TABLE jobs (
    id {id},
    kind text NOT NULL,
    payload text NOT NULL,
    -- Jobs of one lane run one after another in the order of their ids; without a lane they run as they come.
    lane text,
    -- At most one waiting job with this key.
    unique_key text UNIQUE,
    status text NOT NULL CHECK (status IN ('ready', 'running', 'failed')),
    run_at bigint NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    lease_until bigint,
    claimed_by text,
    last_error text,
    created_at bigint NOT NULL
);

CREATE INDEX jobs_due ON jobs (status, run_at, id);
CREATE INDEX jobs_lane ON jobs (lane, id);

-- When each recurring job is due next; whoever moves the time forward has claimed that turn.
CREATE TABLE recurring (
    name text PRIMARY KEY,
    next_at bigint NOT NULL
);
