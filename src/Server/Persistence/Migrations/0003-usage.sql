-- One row for each thing a customer used: what was measured, what it cost the customer and what it cost us.
CREATE TABLE usage_records (
    account_id text NOT NULL,
    id text NOT NULL,
    action text NOT NULL,
    model text NOT NULL,
    unit text NOT NULL,
    hold_id text NOT NULL,
    credits_micro bigint NOT NULL CHECK (credits_micro >= 0),
    -- What the provider charges, in millionths of a US dollar, by the price book's version.
    cost_micro_usd bigint NOT NULL CHECK (cost_micro_usd >= 0),
    price_version text NOT NULL,
    duration_ms bigint NOT NULL,
    -- Where the measure came from: provider_usage, provider_duration or decoded.
    basis text NOT NULL,
    -- Why it ended: done, client_gone, time_out, upstream_error, limit.
    reason text NOT NULL,
    provider_request_id text,
    metadata text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, hold_id)
);

CREATE INDEX usage_records_by_time ON usage_records (account_id, created_at);
