-- Conversations in speech below /v1 that run now; whoever ends one removes its row. Of who died others read here what has to be charged.
CREATE TABLE realtime_sessions (
    account_id {key} NOT NULL,
    id {key} NOT NULL,
    model {key} NOT NULL,
    -- Who is at it, until when.
    ticket {key} NOT NULL,
    lease_until bigint NOT NULL,
    -- Somebody has to look after it then, unless somebody does.
    review_at bigint NOT NULL,
    -- Which of its holds, in the order they were made, pays for what was used and not yet charged; null: none does.
    part bigint,
    -- That, as JSON.
    used text NOT NULL,
    is_estimated boolean NOT NULL,
    -- Goes into its usage records, as JSON.
    metadata text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE INDEX realtime_sessions_by_review ON realtime_sessions (review_at);
