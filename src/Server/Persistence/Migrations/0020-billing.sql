-- One Stripe customer an account. The request's key is written before Stripe is asked, so that a repeat makes no second customer.
CREATE TABLE stripe_customers (
    account_id text PRIMARY KEY,
    customer_id text UNIQUE,
    request_key text NOT NULL,
    asked_at bigint NOT NULL
);

-- What a customer wants to buy, written before Stripe is asked. What is granted is what stands here.
CREATE TABLE checkout_orders (
    account_id text NOT NULL,
    id text NOT NULL,
    package_id text NOT NULL,
    credits bigint NOT NULL CHECK (credits > 0),
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    currency text NOT NULL,
    -- created: Stripe has not answered yet. pending: completed, the money is still on its way. refused: paid, but not as ordered.
    status text NOT NULL CHECK (status IN ('created', 'open', 'pending', 'granted', 'failed', 'refused')),
    session_id text UNIQUE,
    payment_intent_id text,
    -- Money that went back to the customer, and money a bank holds or took back; both as last seen at Stripe.
    refunded_minor bigint NOT NULL DEFAULT 0,
    disputed_minor bigint NOT NULL DEFAULT 0,
    -- For the operator: why it was refused, or why Stripe could not open it.
    problem text,
    -- When to ask Stripe again in case its events never arrive; null once there is nothing left to learn.
    review_at bigint,
    created_at bigint NOT NULL,
    granted_at bigint,
    PRIMARY KEY (account_id, id),
    CHECK ((status = 'granted') = (granted_at IS NOT NULL))
);

CREATE INDEX checkout_orders_by_payment ON checkout_orders (payment_intent_id);
CREATE INDEX checkout_orders_to_review ON checkout_orders (review_at) WHERE review_at IS NOT NULL;

-- The row that everybody locks who changes what we know of one object of Stripe's. The version counts the changes, so that
-- somebody who asked Stripe before can tell that his answer is old.
CREATE TABLE stripe_objects (
    id text PRIMARY KEY,
    version bigint NOT NULL
);

-- Disputes are told by events only; the newest event about each stands here.
CREATE TABLE stripe_disputes (
    id text PRIMARY KEY,
    session_id text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    -- Orders events of one second.
    standing integer NOT NULL,
    happened_at bigint NOT NULL
);

CREATE INDEX stripe_disputes_by_session ON stripe_disputes (session_id);

-- Every event a provider sent, once, with its raw body, written in the transaction of its effect.
CREATE TABLE provider_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    -- What it is about; set where it has or will have an effect.
    subject text,
    -- kept: nothing to do. waiting: its subject is not known yet. applied: its effect is in the books.
    status text NOT NULL CHECK (status IN ('kept', 'waiting', 'applied')),
    body text NOT NULL,
    happened_at bigint NOT NULL,
    received_at bigint NOT NULL,
    applied_at bigint,
    PRIMARY KEY (provider, event_id)
);

CREATE INDEX provider_events_waiting ON provider_events (subject) WHERE status = 'waiting';

-- Who has had the welcome credits: a person gets them once, whatever becomes of the account.
CREATE TABLE welcome_credits (
    person_key text PRIMARY KEY,
    account_id text NOT NULL,
    granted_at bigint NOT NULL
);
