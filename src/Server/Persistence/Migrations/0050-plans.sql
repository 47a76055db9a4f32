-- The kind of client that registered the account: mobile_consumer or web_business. Null for accounts that are older than the question.
ALTER TABLE accounts ADD COLUMN platform text;

-- What can be subscribed to. The row that everybody locks who changes a plan; what it says stands in its versions.
CREATE TABLE plans (
    plan_id {key} PRIMARY KEY,
    -- The newest one.
    version integer NOT NULL CHECK (version > 0),
    is_core boolean NOT NULL,
    -- Not offered any more; who has it keeps it.
    is_archived boolean NOT NULL DEFAULT false,
    -- The order in which they are shown.
    position bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
) {clustered};

-- Never updated, never deleted: who subscribed keeps the version that was promised.
CREATE TABLE plan_versions (
    plan_id {key} NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    type text NOT NULL CHECK (type IN ('monthly', 'yearly', 'weekly', 'usage')),
    product text NOT NULL,
    -- Where it is sold: stripe or app_store.
    store text NOT NULL,
    price_minor bigint CHECK (price_minor >= 0),
    currency text,
    -- JSON objects; pricing is null where the operator gave none.
    features text NOT NULL,
    pricing text,
    trial_days integer NOT NULL CHECK (trial_days >= 0),
    -- The operator; null for what the product itself brought along.
    made_by text,
    created_at bigint NOT NULL,
    PRIMARY KEY (plan_id, version),
    CHECK ((price_minor IS NULL) = (currency IS NULL))
) {clustered};

-- Who did what to the catalogue.
CREATE TABLE plan_changes (
    plan_id {key} NOT NULL,
    id {key} NOT NULL,
    action text NOT NULL CHECK (action IN ('created', 'changed', 'archived')),
    version integer NOT NULL,
    account_id text NOT NULL,
    -- The plan as JSON before and after; null before it was created.
    before_json text,
    after_json text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (plan_id, id)
) {clustered};

-- Who is entitled to what: one row an account and product, written by whoever hears of payments.
CREATE TABLE entitlements (
    account_id {key} NOT NULL,
    product {key} NOT NULL,
    plan_id {key} NOT NULL,
    plan_version integer NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    status text NOT NULL,
    period_start bigint NOT NULL,
    period_end bigint NOT NULL,
    cancel_at_period_end boolean NOT NULL,
    past_due_since bigint,
    ends_at bigint,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, product)
) {clustered};

CREATE INDEX entitlements_by_plan ON entitlements (plan_id);

-- The trial and the counted calls of an account. The row that is locked while one of its allowances is decided.
CREATE TABLE allowances (
    account_id {key} PRIMARY KEY,
    app_type text NOT NULL CHECK (app_type IN ('mobile_consumer', 'web_business')),
    trial_calls integer NOT NULL,
    trial_used integer NOT NULL DEFAULT 0,
    trial_started_at bigint NOT NULL,
    trial_ends_at bigint NOT NULL,
    -- Trial calls that were long enough to count as engagement.
    trial_long_calls integer NOT NULL DEFAULT 0,
    trial_extended_at bigint,
    -- When a subscription took the trial's place.
    trial_closed_at bigint,
    day_start bigint NOT NULL,
    calls_today bigint NOT NULL DEFAULT 0,
    week_start bigint NOT NULL,
    calls_week bigint NOT NULL DEFAULT 0,
    seconds_week bigint NOT NULL DEFAULT 0,
    month_start bigint NOT NULL,
    calls_month bigint NOT NULL DEFAULT 0,
    seconds_month bigint NOT NULL DEFAULT 0,
    calls_total bigint NOT NULL DEFAULT 0,
    last_call_at bigint,
    CHECK (trial_used BETWEEN 0 AND trial_calls),
    CHECK (calls_today >= 0 AND calls_week >= 0 AND calls_month >= 0 AND calls_total >= 0),
    CHECK (seconds_week >= 0 AND seconds_month >= 0)
) {clustered};

-- Calls that were bought on top, each purchase with its own end.
CREATE TABLE addon_calls (
    account_id {key} NOT NULL,
    -- The purchase, so that it counts once.
    id {key} NOT NULL,
    calls integer NOT NULL CHECK (calls > 0),
    used integer NOT NULL DEFAULT 0,
    bought_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- When it was paid back: what was left is gone.
    revoked_at bigint,
    PRIMARY KEY (account_id, id),
    CHECK (used BETWEEN 0 AND calls)
) {clustered};

-- How much of a quota was used or is reserved in the period that began then; 0 for what has no period.
CREATE TABLE quota_uses (
    account_id {key} NOT NULL,
    quota {key} NOT NULL,
    period_start bigint NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (account_id, quota, period_start)
) {clustered};

-- One row an attempt to use an allowance.
CREATE TABLE reservations (
    account_id {key} NOT NULL,
    -- Given by who reserves: the same key is the same attempt.
    id {key} NOT NULL,
    service text NOT NULL,
    -- trial, plan_calls, plan_minutes, addon, pay_as_you_go, credits, free, …
    funding text NOT NULL,
    -- What the attempt was told, so that it can be told again.
    status text NOT NULL,
    duration_limit integer,
    units bigint NOT NULL CHECK (units >= 0),
    -- Whether it counts among the account's calls.
    is_counted boolean NOT NULL,
    quota {key},
    period_start bigint,
    addon_id {key},
    state text NOT NULL CHECK (state IN ('reserved', 'confirmed', 'completed', 'given_back', 'expired')),
    seconds bigint,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE INDEX reservations_due ON reservations (expires_at) WHERE state = 'reserved';

-- What was refused for lack of an allowance, by UTC month (2026-11).
CREATE TABLE refused_uses (
    account_id {key} NOT NULL,
    month {key} NOT NULL,
    service {key} NOT NULL,
    status {key} NOT NULL,
    refused bigint NOT NULL CHECK (refused > 0),
    PRIMARY KEY (account_id, month, service, status)
) {clustered};
