-- Found by the hash of what the client presents; the key itself is stored nowhere.
CREATE TABLE api_keys (
    account_id text NOT NULL,
    id text NOT NULL,
    key_hash text NOT NULL UNIQUE,
    -- What people recognise it by.
    prefix text NOT NULL,
    last_four text NOT NULL,
    name text NOT NULL,
    -- Words of a closed list, one space between them.
    scopes text NOT NULL,
    spend_limit_micro bigint CHECK (spend_limit_micro > 0),
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint,
    PRIMARY KEY (account_id, id)
);

-- What was spent and is held in the name of something smaller than the account, such as an API key. Changed under the wallet's lots' locks.
CREATE TABLE budgets (
    account_id {key} NOT NULL,
    unit {key} NOT NULL,
    name {key} NOT NULL,
    spent_micro bigint NOT NULL DEFAULT 0,
    held_micro bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, unit, name),
    CHECK (spent_micro >= 0 AND held_micro >= 0)
) {clustered};

ALTER TABLE holds ADD COLUMN budget {key};

-- Answers that are no JSON: their type, and the headers that belong to them as a JSON object.
ALTER TABLE idempotency_keys ADD COLUMN content_type text;
ALTER TABLE idempotency_keys ADD COLUMN headers text;

-- Null: for ever. Set on keys that we make for clients that repeat by themselves.
ALTER TABLE idempotency_keys ADD COLUMN kept_until bigint;
CREATE INDEX idempotency_keys_over ON idempotency_keys (kept_until) WHERE kept_until IS NOT NULL;
