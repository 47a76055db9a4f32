-- What accounts used of the services that are priced by the unit: shown to everybody, billed to who pays by use.
CREATE TABLE service_usage (
    account_id {key} NOT NULL,
    -- A positive integer below 2^53, for clients that expect an int as id.
    id bigint NOT NULL CHECK (id > 0),
    service {key} NOT NULL CHECK (service IN ('transcription', 'voice_call', 'sms', 'custom_scenario')),
    amount bigint NOT NULL CHECK (amount >= 1),
    unit text NOT NULL,
    -- US dollars a unit, an exact decimal.
    unit_price text NOT NULL,
    -- Price times amount, exact: millionths of a dollar, and what is left in 10^-18 dollars.
    total_micro bigint NOT NULL CHECK (total_micro >= 0),
    total_rest bigint NOT NULL CHECK (total_rest BETWEEN 0 AND 999999999999),
    -- The same, rounded half up to cents once.
    total_cents bigint NOT NULL CHECK (total_cents >= 0),
    -- What was used, where it has an id: of each service it is recorded once.
    resource {key},
    -- Whether the subscription that pays by use was told of it.
    is_billed boolean NOT NULL,
    -- The UTC month: 2026-11.
    billing_period {key} NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, service, resource)
) {clustered};

CREATE INDEX service_usage_by_time ON service_usage (account_id, recorded_at, id);
