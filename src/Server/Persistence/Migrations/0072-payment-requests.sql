-- What an account asked Stripe to open, for the time in which asking again must not open a second one: the id is the key of the
-- request to Stripe, written before it is sent.
CREATE TABLE payment_requests (
    account_id {key} NOT NULL,
    -- Of what was asked for.
    fingerprint {key} NOT NULL,
    id text NOT NULL,
    asked_at bigint NOT NULL,
    PRIMARY KEY (account_id, fingerprint)
) {clustered};
