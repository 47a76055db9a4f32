CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    -- For clients that expect an int as id: positive, below 2^53, random.
    number bigint NOT NULL UNIQUE CHECK (number > 0),
    email text,
    -- Whether the sign-in provider has checked that the address is this person's.
    email_verified boolean NOT NULL DEFAULT false,
    name text,
    full_name text,
    picture_url text,
    is_active boolean NOT NULL DEFAULT true,
    is_admin boolean NOT NULL DEFAULT false,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

-- The ways to sign in. Looked up before the account is known, so the account does not come first in the key.
CREATE TABLE identities (
    kind text NOT NULL,
    subject text NOT NULL,
    account_id text NOT NULL,
    password_hash text,
    created_at bigint NOT NULL,
    PRIMARY KEY (kind, subject)
);

CREATE INDEX identities_of_account ON identities (account_id);

-- One row a sign-in: the family of its refresh tokens, and what its access tokens name as sid.
CREATE TABLE sign_in_sessions (
    account_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    created_at bigint NOT NULL,
    -- When the last token of this session is over.
    expires_at bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX sign_in_sessions_over ON sign_in_sessions (expires_at);

-- Found by the hash of what the client presents; the token itself is stored nowhere.
CREATE TABLE refresh_tokens (
    token_hash text PRIMARY KEY,
    account_id text NOT NULL,
    session_id text NOT NULL,
    -- The token that was presented for this one.
    parent_hash text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- Since when one of its successors has been presented: presenting it again means that it was stolen.
    dead_at bigint
);

CREATE INDEX refresh_tokens_over ON refresh_tokens (expires_at);

-- Keys that sign access tokens, each sealed under SECRET_KEY. The number says which is newer, and lets only one of two nodes add the next.
CREATE TABLE signing_keys (
    number bigint PRIMARY KEY,
    kid text NOT NULL UNIQUE,
    algorithm text NOT NULL,
    sealed text NOT NULL,
    created_at bigint NOT NULL,
    -- Published first, used from here on.
    signs_from bigint NOT NULL,
    -- Null until a newer key is published; then the end of the longest token it may have signed.
    verifies_until bigint
);

-- Failures in a row of one submitted identity, whether it exists or not; the identity is stored as a hash.
CREATE TABLE sign_in_failures (
    identity_hash text PRIMARY KEY,
    failures integer NOT NULL,
    since bigint NOT NULL,
    locked_until bigint
);

CREATE INDEX sign_in_failures_over ON sign_in_failures (since);

-- Consent pages on which somebody may still be.
CREATE TABLE google_states (
    state_hash text PRIMARY KEY,
    nonce text NOT NULL,
    -- Both null for clients that are no browser.
    code_verifier text,
    browser_hash text,
    expires_at bigint NOT NULL
);

CREATE INDEX google_states_over ON google_states (expires_at);
