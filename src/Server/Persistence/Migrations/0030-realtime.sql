-- The number of the last event of each account. Its row lock makes the numbers follow one another in the order of the commits.
CREATE TABLE event_streams (
    account_id text PRIMARY KEY,
    last_id bigint NOT NULL
);

-- What open streams show and closed ones can catch up on, for a day.
CREATE TABLE stream_events (
    account_id text NOT NULL,
    id bigint NOT NULL,
    type text NOT NULL,
    data text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX stream_events_by_time ON stream_events (created_at);
