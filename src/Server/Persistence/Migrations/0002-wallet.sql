-- One row an account and unit. available = posted - held; both are caches of the books below, which audit re-adds.
CREATE TABLE wallets (
    account_id text NOT NULL,
    unit text NOT NULL,
    posted_micro bigint NOT NULL DEFAULT 0,
    held_micro bigint NOT NULL DEFAULT 0,
    owed_micro bigint NOT NULL DEFAULT 0,
    -- The earliest expiry of a grant that still holds something: admission refuses to spend past it without looking.
    next_expiry_at bigint,
    PRIMARY KEY (account_id, unit),
    CHECK (held_micro >= 0 AND posted_micro >= held_micro AND owed_micro >= 0)
);

-- Credits come in lots: who gave them, how many are left, how many of those are reserved, until when they are good.
CREATE TABLE grants (
    account_id text NOT NULL,
    id text NOT NULL,
    unit text NOT NULL,
    source text NOT NULL,
    -- The business key of what caused it; a second grant with the same key is the first one.
    grant_key text NOT NULL UNIQUE,
    priority integer NOT NULL,
    amount_micro bigint NOT NULL,
    remaining_micro bigint NOT NULL,
    held_micro bigint NOT NULL DEFAULT 0,
    clawed_micro bigint NOT NULL DEFAULT 0,
    expires_at bigint,
    paid_minor bigint,
    currency text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    CHECK (amount_micro > 0 AND held_micro >= 0 AND remaining_micro >= held_micro AND amount_micro >= remaining_micro),
    CHECK (clawed_micro >= 0 AND amount_micro >= clawed_micro)
);

CREATE INDEX grants_spendable ON grants (account_id, unit, priority, expires_at, id) WHERE remaining_micro > 0;
CREATE INDEX grants_expiring ON grants (expires_at) WHERE remaining_micro > 0 AND expires_at IS NOT NULL;

CREATE TABLE holds (
    account_id text NOT NULL,
    id text NOT NULL,
    unit text NOT NULL,
    hold_key text NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro > 0),
    purpose text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'captured', 'released', 'expired')),
    captured_micro bigint,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    resolved_at bigint,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, hold_key)
);

CREATE INDEX holds_open ON holds (expires_at) WHERE status = 'open';

-- Which lots an open hold reserved, and how much of each: a release gives it back to those very lots.
CREATE TABLE hold_lots (
    account_id text NOT NULL,
    hold_id text NOT NULL,
    grant_id text NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro > 0),
    PRIMARY KEY (account_id, hold_id, grant_id)
);

CREATE TABLE ledger_transactions (
    account_id text NOT NULL,
    id text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    -- The business key: the same movement cannot be booked twice.
    transaction_key text NOT NULL UNIQUE,
    description text NOT NULL,
    payment_id text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX ledger_transactions_by_time ON ledger_transactions (account_id, unit, created_at);

-- Never updated, never deleted. The amounts of one transaction add to zero.
-- Books: wallet (what the customer can spend), owed (what the customer owes, negative), and the house's own.
CREATE TABLE ledger_entries (
    account_id text NOT NULL,
    transaction_id text NOT NULL,
    line integer NOT NULL,
    unit text NOT NULL,
    book text NOT NULL,
    amount_micro bigint NOT NULL CHECK (amount_micro <> 0),
    grant_id text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, transaction_id, line)
);
