-- Notices also go by SMS. A text message costs money and cannot be told from its repetition, so it is noted before it is sent.
CREATE TABLE notices_new (
    account_id text NOT NULL,
    notice_key text NOT NULL,
    -- The message id, the same at every attempt.
    id text NOT NULL UNIQUE,
    channel text NOT NULL CHECK (channel IN ('mail', 'text')),
    -- The words are forgotten once the notice has gone; those of a text message are sealed until then.
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text,
    status text NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'skipped', 'refused', 'doubtful')),
    -- Why it was skipped or refused, or why nobody knows.
    problem text,
    created_at bigint NOT NULL,
    done_at bigint,
    -- From then on it is of no use to anybody; null: never.
    expires_at bigint,
    PRIMARY KEY (account_id, notice_key)
);

INSERT INTO notices_new (account_id, notice_key, id, channel, subject, body_text, body_html, status, problem, created_at, done_at)
SELECT account_id, notice_key, id, 'mail', subject, body_text, body_html, status, problem, created_at, done_at FROM notices;
DROP TABLE notices;
ALTER TABLE notices_new RENAME TO notices;

CREATE INDEX notices_over ON notices (expires_at);
