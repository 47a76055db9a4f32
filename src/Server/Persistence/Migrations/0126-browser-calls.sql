-- Conversations of a browser with a model, from the wish for one to its end; then the row is gone.
CREATE TABLE browser_calls (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    scenario {key} NOT NULL,
    user_name text,
    -- waiting for the browser's offer, starting at the provider, or live.
    state {key} NOT NULL CHECK (state IN ('waiting', 'starting', 'live')),
    -- Which node looks after it, until when.
    ticket text,
    lease_until bigint,
    -- Somebody has to look after it then, unless somebody does.
    review_at bigint NOT NULL,
    -- What was offered, as a hash, and what was answered: the same offer is answered the same.
    offer text,
    answer text,
    -- The provider's.
    call_id text,
    duration_limit bigint NOT NULL CHECK (duration_limit > 0),
    created_at bigint NOT NULL,
    started_at bigint,
    -- When it was last known to go on.
    seen_at bigint,
    -- What the model used, as JSON.
    model_usage text,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE INDEX browser_calls_by_review ON browser_calls (review_at);
