-- A balance is what its lots say and nothing beside them: a hold touches one lot's row and writes one row of its own.
CREATE TABLE wallets_new (
    account_id {key} NOT NULL,
    unit {key} NOT NULL,
    owed_micro bigint NOT NULL DEFAULT 0 CHECK (owed_micro >= 0),
    PRIMARY KEY (account_id, unit)
) {clustered};

INSERT INTO wallets_new (account_id, unit, owed_micro) SELECT account_id, unit, owed_micro FROM wallets;
DROP TABLE wallets;
ALTER TABLE wallets_new RENAME TO wallets;

-- Credits come in lots: who gave them, how many are left, how many of those are reserved, until when they are good.
CREATE TABLE grants_new (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    unit {key} NOT NULL,
    source text NOT NULL,
    -- The business key of what caused it; a second grant with the same key is the first one.
    grant_key {key} NOT NULL UNIQUE,
    priority integer NOT NULL,
    amount_micro bigint NOT NULL,
    remaining_micro bigint NOT NULL,
    held_micro bigint NOT NULL DEFAULT 0,
    clawed_micro bigint NOT NULL DEFAULT 0,
    -- 1 when nothing is left. Indexes look at this rather than at what changes with every use.
    spent integer NOT NULL,
    expires_at bigint,
    paid_minor bigint,
    currency text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    CHECK (amount_micro > 0 AND held_micro >= 0 AND remaining_micro >= held_micro AND amount_micro >= remaining_micro),
    CHECK (clawed_micro >= 0 AND amount_micro >= clawed_micro),
    CHECK ((remaining_micro = 0 AND spent = 1) OR (remaining_micro > 0 AND spent = 0))
) {clustered};

INSERT INTO grants_new (account_id, id, unit, source, grant_key, priority, amount_micro, remaining_micro, held_micro, clawed_micro, spent,
    expires_at, paid_minor, currency, created_at)
SELECT account_id, id, unit, source, grant_key, priority, amount_micro, remaining_micro, held_micro, clawed_micro,
    CASE WHEN remaining_micro = 0 THEN 1 ELSE 0 END, expires_at, paid_minor, currency, created_at
FROM grants;
DROP TABLE grants;
ALTER TABLE grants_new RENAME TO grants;
CREATE INDEX grants_open ON grants (account_id, unit) WHERE spent = 0;
CREATE INDEX grants_expiring ON grants (expires_at) WHERE spent = 0 AND expires_at IS NOT NULL;

-- A hold is known by the key its caller chose: the same key is the same hold.
CREATE TABLE holds_new (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    unit {key} NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro > 0),
    -- The lot that covers all of it. Null when several do: then hold_lots says which.
    grant_id {key},
    purpose text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'captured', 'released', 'expired')),
    captured_micro bigint,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    resolved_at bigint,
    -- Ids sort by time: new rows meet at the index's end instead of all over it. The same below.
    PRIMARY KEY (id, account_id)
) {clustered};

INSERT INTO holds_new (account_id, id, unit, amount_micro, purpose, status, captured_micro, expires_at, created_at, resolved_at)
SELECT account_id, id, unit, amount_micro, purpose, status, captured_micro, expires_at, created_at, resolved_at FROM holds;
DROP TABLE holds;
ALTER TABLE holds_new RENAME TO holds;
CREATE INDEX holds_open ON holds (expires_at) WHERE status = 'open';

-- Which lots a hold over several lots reserved, and how much of each: a release gives it back to those very lots.
CREATE TABLE hold_lots_new (
    account_id {key} NOT NULL,
    hold_id {key} NOT NULL,
    grant_id {key} NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro > 0),
    PRIMARY KEY (hold_id, grant_id, account_id)
) {clustered};

INSERT INTO hold_lots_new (account_id, hold_id, grant_id, amount_micro) SELECT account_id, hold_id, grant_id, amount_micro FROM hold_lots;
DROP TABLE hold_lots;
ALTER TABLE hold_lots_new RENAME TO hold_lots;

-- Ids sort by time, so an account's history needs no index beside the key.
CREATE TABLE ledger_transactions_new (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    unit {key} NOT NULL,
    kind text NOT NULL,
    -- The business key: the same movement cannot be booked twice.
    transaction_key {key} NOT NULL UNIQUE,
    description text NOT NULL,
    payment_id text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

INSERT INTO ledger_transactions_new (account_id, id, unit, kind, transaction_key, description, payment_id, created_at)
SELECT account_id, id, unit, kind, CASE WHEN transaction_key LIKE 'capture:%' THEN transaction_key || ':' || account_id ELSE transaction_key END,
    description, payment_id, created_at
FROM ledger_transactions;
DROP TABLE ledger_transactions;
ALTER TABLE ledger_transactions_new RENAME TO ledger_transactions;

-- Never updated, never deleted. The amounts of one transaction add to zero.
-- Books: wallet (what the customer can spend), owed (what the customer owes, negative), and the house's own.
CREATE TABLE ledger_entries_new (
    account_id {key} NOT NULL,
    transaction_id {key} NOT NULL,
    line integer NOT NULL,
    unit {key} NOT NULL,
    book text NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro <> 0),
    grant_id {key},
    created_at bigint NOT NULL,
    PRIMARY KEY (transaction_id, line, account_id)
) {clustered};

INSERT INTO ledger_entries_new (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
SELECT account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at FROM ledger_entries;
DROP TABLE ledger_entries;
ALTER TABLE ledger_entries_new RENAME TO ledger_entries;

-- One row for each thing a customer used: what was measured, what it cost the customer and what it cost us.
CREATE TABLE usage_records_new (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    action text NOT NULL,
    model text NOT NULL,
    unit {key} NOT NULL,
    hold_id {key} NOT NULL,
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
    PRIMARY KEY (id, account_id),
    UNIQUE (hold_id, account_id)
) {clustered};

INSERT INTO usage_records_new (account_id, id, action, model, unit, hold_id, credits_micro, cost_micro_usd, price_version, duration_ms, basis, reason,
    provider_request_id, metadata, created_at)
SELECT account_id, id, action, model, unit, hold_id, credits_micro, cost_micro_usd, price_version, duration_ms, basis, reason,
    provider_request_id, metadata, created_at
FROM usage_records;
DROP TABLE usage_records;
ALTER TABLE usage_records_new RENAME TO usage_records;
CREATE INDEX usage_records_by_time ON usage_records (account_id, created_at);
