-- Mails to accounts, written in the transaction of what they tell and sent by a job. A key is used once, for ever.
CREATE TABLE notices (
    account_id text NOT NULL,
    notice_key text NOT NULL,
    -- The message id, the same at every attempt.
    id text NOT NULL UNIQUE,
    -- The words are forgotten once the mail has gone.
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text,
    status text NOT NULL CHECK (status IN ('waiting', 'sent', 'skipped', 'refused')),
    -- Why it was skipped or refused.
    problem text,
    created_at bigint NOT NULL,
    done_at bigint,
    PRIMARY KEY (account_id, notice_key)
);
