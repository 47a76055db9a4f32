-- Since when a code has shown that the number is this person's; null until then and for identities that are no phone number.
ALTER TABLE identities ADD COLUMN verified_at bigint;

-- The one code of a number and purpose that counts; a new one takes its place. Numbers that nobody has get rows too, so that neither
-- answers nor their times tell who is a customer: their account exists nowhere. Number and code are stored as hashes under SECRET_KEY.
CREATE TABLE one_time_codes (
    number_hash {key} NOT NULL,
    purpose {key} NOT NULL,
    -- Part of what is hashed, so that the same digits never look the same.
    id text NOT NULL,
    account_id text NOT NULL,
    code_hash text NOT NULL,
    attempts integer NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (number_hash, purpose)
);

CREATE INDEX one_time_codes_over ON one_time_codes (expires_at);
