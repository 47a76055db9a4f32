-- How many permits of a limit are taken in the window that began with the key's first request. Lost in a crash, which costs nothing.
CREATE {unlogged} TABLE rate_limits (
    limit_key text PRIMARY KEY,
    taken bigint NOT NULL,
    ends_at bigint NOT NULL
);

CREATE INDEX rate_limits_by_end ON rate_limits (ends_at);
