-- The first answer to each Idempotency-Key, kept in the transaction of its effect.
CREATE TABLE idempotency_keys (
    account_id text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint text NOT NULL,
    ticket text NOT NULL,
    -- Null while the first request runs; if it dies, the key is free again after the lease.
    status integer,
    body text,
    lease_until bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, method, path, idempotency_key)
);
