-- A room may be paid as it is used, and messages that were answered are a service with a price by the unit.
CREATE TABLE chatrooms_with_use (
    account_id {key} NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    -- What its messages are paid with.
    pays text NOT NULL CHECK (pays IN ('allowance', 'credits', 'pay_as_you_go')),
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

INSERT INTO chatrooms_with_use (account_id, id, name, pays, created_at) SELECT account_id, id, name, pays, created_at FROM chatrooms;

DROP TABLE chatrooms;

ALTER TABLE chatrooms_with_use RENAME TO chatrooms;

CREATE TABLE service_usage_with_chat (
    account_id {key} NOT NULL,
    -- A positive integer below 2^53, for clients that expect an int as id.
    id bigint NOT NULL CHECK (id > 0),
    service {key} NOT NULL CHECK (service IN ('transcription', 'voice_call', 'sms', 'custom_scenario', 'chat_message')),
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

INSERT INTO service_usage_with_chat (account_id, id, service, amount, unit, unit_price, total_micro, total_rest, total_cents, resource, is_billed,
    billing_period, recorded_at)
SELECT account_id, id, service, amount, unit, unit_price, total_micro, total_rest, total_cents, resource, is_billed, billing_period, recorded_at FROM service_usage;

DROP TABLE service_usage;

ALTER TABLE service_usage_with_chat RENAME TO service_usage;

CREATE INDEX service_usage_by_time ON service_usage (account_id, recorded_at, id);
