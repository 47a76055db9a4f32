-- A payment says that its dispute was lost, and not for ever that there is one.
CREATE TABLE payments_new (
    account_id text NOT NULL,
    -- Below 2^53, for clients that expect an int.
    id bigint NOT NULL UNIQUE,
    subscription_id text,
    invoice_id text UNIQUE,
    payment_intent_id text UNIQUE,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('succeeded', 'partially_refunded', 'refunded', 'disputed', 'lost')),
    payment_type text NOT NULL CHECK (payment_type IN ('subscription', 'one_time')),
    description text,
    refunded_minor bigint NOT NULL DEFAULT 0,
    -- What banks hold or took back for good, and how much of it they took back for good.
    disputed_minor bigint NOT NULL DEFAULT 0,
    lost_minor bigint NOT NULL DEFAULT 0,
    -- As Stripe has it, in whole seconds.
    created_at bigint NOT NULL,
    -- When it was written here: the order of what was paid within one second.
    noted_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

INSERT INTO payments_new (account_id, id, subscription_id, invoice_id, payment_intent_id, amount_minor, currency, status, payment_type, description,
    refunded_minor, disputed_minor, created_at, noted_at, updated_at)
SELECT account_id, id, subscription_id, invoice_id, payment_intent_id, amount_minor, currency, status, payment_type, description,
    refunded_minor, disputed_minor, created_at, noted_at, updated_at
FROM payments;
DROP TABLE payments;
ALTER TABLE payments_new RENAME TO payments;
CREATE INDEX payments_by_time ON payments (account_id, created_at);
CREATE INDEX payments_by_subscription ON payments (subscription_id);

-- What was lost before: in another currency it counts as all of it.
UPDATE payments SET lost_minor = (
    SELECT COALESCE(CAST(SUM(CASE WHEN d.currency = payments.currency THEN d.amount_minor ELSE payments.amount_minor END) AS bigint), 0)
    FROM stripe_disputes d WHERE d.session_id = payments.payment_intent_id AND d.status = 'lost')
WHERE disputed_minor > 0;
UPDATE payments SET status = 'lost' WHERE lost_minor > 0 AND lost_minor >= disputed_minor;

-- Who is told when money goes back.
CREATE INDEX accounts_of_operators ON accounts (account_id) WHERE is_admin;
