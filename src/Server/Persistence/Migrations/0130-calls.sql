-- Phone calls, from the wish to dial to the last cent.
CREATE TABLE calls (
    account_id {key} NOT NULL,
    id bigint NOT NULL CHECK (id > 0),
    direction text NOT NULL CHECK (direction IN ('outbound', 'inbound')),
    -- Who placed it: mobile, business, schedule; inbound for what somebody else placed.
    kind text NOT NULL,
    scenario {key} NOT NULL,
    -- The person's number, and ours.
    phone_number {key} NOT NULL,
    own_number text NOT NULL,
    user_name text,
    -- In the carrier's words; never backwards.
    status {key} NOT NULL,
    -- How far asking the carrier has come: waiting (nothing was sent), asking (something may have been), unknown (nobody said what came
    -- of it), placed, refused.
    dialling {key} NOT NULL CHECK (dialling IN ('waiting', 'asking', 'unknown', 'placed', 'refused')),
    -- Who is at it, until when.
    ticket text,
    lease_until bigint,
    -- After a crash or a doubtful answer: look again then.
    review_at bigint,
    call_sid {key},
    -- Of who asked for it: the same key is the same call.
    request_key {key},
    -- The allowance it is made out of.
    funding text NOT NULL,
    duration_limit bigint NOT NULL CHECK (duration_limit > 0),
    created_at bigint NOT NULL,
    answered_at bigint,
    ended_at bigint,
    -- When its allowance was booked or given back.
    settled_at bigint,
    -- As the carrier counts.
    duration bigint,
    answered_by text,
    end_reason text,
    -- Takes one of the account's lines until then at the latest.
    line_until bigint NOT NULL,
    -- What the customer pays.
    charged_micro bigint NOT NULL DEFAULT 0 CHECK (charged_micro >= 0),
    charged_unit text,
    -- What it costs us, in millionths of a US dollar.
    carrier_micro_usd bigint NOT NULL DEFAULT 0 CHECK (carrier_micro_usd >= 0),
    is_carrier_price_final boolean NOT NULL DEFAULT false,
    -- The model, in billionths of a US dollar: a token may cost less than a millionth.
    model_nano_usd bigint NOT NULL DEFAULT 0 CHECK (model_nano_usd >= 0),
    -- What it is added up from, as JSON, by model.
    model_usage text,
    recording_sid text,
    recording_seconds bigint,
    -- Of the bridge, for the operator.
    media text,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE UNIQUE INDEX calls_by_id ON calls (id);
CREATE UNIQUE INDEX calls_by_sid ON calls (call_sid);
CREATE UNIQUE INDEX calls_by_request ON calls (account_id, request_key);
CREATE INDEX calls_by_time ON calls (account_id, created_at);
CREATE INDEX calls_to_review ON calls (review_at);
CREATE INDEX calls_by_number ON calls (phone_number, dialling);

-- What the carrier told, once each; of calls that nobody knows too.
CREATE TABLE call_events (
    call_sid {key} NOT NULL,
    sequence bigint NOT NULL,
    status {key} NOT NULL,
    fields text NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (call_sid, sequence, status)
) {clustered};

CREATE INDEX call_events_by_time ON call_events (received_at);

-- Leave to attach one audio stream to one call, once.
CREATE TABLE stream_tokens (
    token_hash {key} PRIMARY KEY,
    account_id {key} NOT NULL,
    call_id bigint NOT NULL,
    call_sid {key} NOT NULL,
    path text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE INDEX stream_tokens_by_end ON stream_tokens (expires_at);

CREATE TABLE call_lines (
    account_id {key} NOT NULL,
    call_id bigint NOT NULL,
    number bigint NOT NULL,
    speaker text NOT NULL CHECK (speaker IN ('customer', 'agent')),
    text text NOT NULL,
    item_id text,
    previous_item_id text,
    -- Milliseconds of the stream: when it began, and when the caller cut it short.
    at_ms bigint NOT NULL,
    cut_ms bigint,
    PRIMARY KEY (account_id, call_id, number)
) {clustered};

-- What somebody wants the agent to know while it speaks.
CREATE TABLE call_notes (
    account_id {key} NOT NULL,
    call_id bigint NOT NULL,
    id bigint NOT NULL,
    text text NOT NULL,
    created_at bigint NOT NULL,
    taken_at bigint,
    PRIMARY KEY (account_id, call_id, id)
) {clustered};

CREATE INDEX call_notes_by_call ON call_notes (call_id, taken_at);

CREATE TABLE scheduled_calls (
    account_id {key} NOT NULL,
    id bigint NOT NULL CHECK (id > 0),
    kind text NOT NULL,
    phone_number text NOT NULL,
    scenario {key} NOT NULL,
    notes text,
    scheduled_time bigint NOT NULL,
    status {key} NOT NULL CHECK (status IN ('scheduled', 'dialing', 'completed', 'failed', 'skipped', 'missed', 'cancelled')),
    reason text,
    attempts bigint NOT NULL DEFAULT 0,
    call_id bigint,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE INDEX scheduled_calls_by_time ON scheduled_calls (account_id, scheduled_time);

-- Who has asked not to be called by this account.
CREATE TABLE do_not_call (
    account_id {key} NOT NULL,
    phone_number {key} NOT NULL,
    reason text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, phone_number)
) {clustered};

-- When the carrier may be asked for the next call, by whichever node.
CREATE TABLE dial_pace (
    id {key} PRIMARY KEY,
    next_at bigint NOT NULL
);

-- The row that is locked while one of an account's calls begins.
CREATE TABLE call_accounts (
    account_id {key} PRIMARY KEY
);

CREATE TABLE phone_numbers (
    account_id {key} NOT NULL,
    id bigint NOT NULL CHECK (id > 0),
    phone_number {key} NOT NULL,
    twilio_sid {key},
    friendly_name text NOT NULL,
    date_provisioned bigint NOT NULL,
    is_active boolean NOT NULL,
    voice_capable boolean NOT NULL,
    sms_capable boolean NOT NULL,
    -- The number while it is active, else null: nobody shares one.
    active_number {key} UNIQUE,
    PRIMARY KEY (account_id, id)
) {clustered};
