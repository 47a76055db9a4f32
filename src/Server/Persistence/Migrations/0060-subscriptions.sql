-- What Stripe says of each subscription, as it was told last. Settled by asking, never edited.
CREATE TABLE subscriptions (
    account_id text NOT NULL,
    -- Stripe's.
    id text NOT NULL,
    customer_id text NOT NULL,
    -- Null while its price is none of ours: then it gives nothing.
    product text,
    plan_id text,
    plan_version integer,
    price_id text,
    status text NOT NULL,
    period_start bigint NOT NULL,
    period_end bigint NOT NULL,
    cancel_at_period_end boolean NOT NULL,
    cancel_at bigint,
    canceled_at bigint,
    ended_at bigint,
    trial_start bigint,
    trial_end bigint,
    -- When the oldest payment that is missing was asked for first; grace runs from there.
    past_due_since bigint,
    -- When access ends whatever the rules say; null: by the rules.
    access_ends_at bigint,
    -- The step of dunning that the customer was told last; empty when nothing is missing.
    dunning_step text NOT NULL DEFAULT '',
    -- When to look at it again though nothing is heard; a job is waiting for it.
    review_at bigint,
    -- Where Stripe could not be asked: the time of the newest event that was believed.
    believed_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE UNIQUE INDEX subscriptions_by_id ON subscriptions (id);

-- Money that was paid: one row an invoice, or a payment where there is no invoice. Minor units.
CREATE TABLE payments (
    account_id text NOT NULL,
    -- Below 2^53, for clients that expect an int.
    id bigint NOT NULL UNIQUE,
    subscription_id text,
    invoice_id text UNIQUE,
    payment_intent_id text UNIQUE,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('succeeded', 'partially_refunded', 'refunded', 'disputed')),
    payment_type text NOT NULL CHECK (payment_type IN ('subscription', 'one_time')),
    description text,
    refunded_minor bigint NOT NULL DEFAULT 0,
    disputed_minor bigint NOT NULL DEFAULT 0,
    -- As Stripe has it, in whole seconds.
    created_at bigint NOT NULL,
    -- When it was written here: the order of what was paid within one second.
    noted_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX payments_by_time ON payments (account_id, created_at);
CREATE INDEX payments_by_subscription ON payments (subscription_id);

-- Stripe's price of each version of a plan; a plan that is billed by use has one for each thing that is counted.
CREATE TABLE plan_prices (
    plan_id text NOT NULL,
    version integer NOT NULL,
    -- 'plan', or the service that is counted.
    part text NOT NULL,
    price_id text NOT NULL,
    product_id text,
    created_at bigint NOT NULL,
    PRIMARY KEY (plan_id, version, part)
);

CREATE INDEX plan_prices_by_price ON plan_prices (price_id);

-- Who is changing an account's plan of a product at Stripe just now: one at a time, on all nodes. The order's id is the key of what
-- is sent to Stripe; it stays while nobody knows whether it was done.
CREATE TABLE subscription_orders (
    account_id text NOT NULL,
    product text NOT NULL,
    id text NOT NULL,
    wanted text NOT NULL,
    is_done boolean NOT NULL,
    ticket text NOT NULL,
    lease_until bigint NOT NULL,
    asked_at bigint NOT NULL,
    PRIMARY KEY (account_id, product)
);

-- What was used by subscribers who pay by use, until and after Stripe's meters have heard of it.
CREATE TABLE metered_usage (
    account_id text NOT NULL,
    id text NOT NULL,
    service text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    used_at bigint NOT NULL,
    reported_at bigint,
    -- Why Stripe will never hear of it.
    problem text,
    PRIMARY KEY (account_id, id)
);

-- What each comparison with Stripe found.
CREATE TABLE reconciliations (
    id text PRIMARY KEY,
    started_at bigint NOT NULL,
    finished_at bigint,
    subscriptions bigint NOT NULL DEFAULT 0,
    invoices bigint NOT NULL DEFAULT 0,
    differences bigint NOT NULL DEFAULT 0
);

CREATE TABLE reconciliation_differences (
    reconciliation_id text NOT NULL,
    position bigint NOT NULL,
    -- The subscription or invoice.
    subject text NOT NULL,
    sentence text NOT NULL,
    PRIMARY KEY (reconciliation_id, position)
);

CREATE INDEX checkout_orders_by_id ON checkout_orders (id);
