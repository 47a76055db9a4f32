-- What is decided an account at a time. The row that is locked while one of its messages is written.
CREATE TABLE chat_accounts (
    account_id {key} PRIMARY KEY,
    -- Grows with every change of the list of rooms.
    rooms_version bigint NOT NULL DEFAULT 0,
    -- The last id of a room or message of this account.
    last_id bigint NOT NULL DEFAULT 0,
    -- Accepted messages that have no answer yet.
    waiting bigint NOT NULL DEFAULT 0 CHECK (waiting >= 0)
) {clustered};

CREATE TABLE chatrooms (
    account_id {key} NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    -- What its messages are paid with: allowance or credits.
    pays text NOT NULL CHECK (pays IN ('allowance', 'credits')),
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE TABLE chat_messages (
    account_id {key} NOT NULL,
    room_id bigint NOT NULL,
    id bigint NOT NULL,
    sender text NOT NULL CHECK (sender IN ('user', 'bot')),
    content text NOT NULL,
    -- Of a user's message: what pays for its answer.
    pays text,
    -- And the key of that, which names the message's one attempt to be written.
    use_key text,
    -- Of a bot's message: which one it answers.
    answers bigint,
    -- Of a bot's message: why there was no better answer; for the operator.
    failure text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, room_id, id),
    CHECK ((sender = 'bot') = (answers IS NOT NULL))
) {clustered};

-- No message is answered twice.
CREATE UNIQUE INDEX chat_messages_answers ON chat_messages (account_id, room_id, answers) WHERE answers IS NOT NULL;
