-- Scenarios that accounts wrote themselves.
CREATE TABLE custom_scenarios (
    account_id {key} NOT NULL,
    id bigint NOT NULL,
    -- custom_<account's number>_<Unix second>
    scenario_id {key} NOT NULL,
    name text,
    persona text NOT NULL,
    prompt text NOT NULL,
    -- As it was sent: a voice of the provider's or a name of ours for one.
    voice_type text NOT NULL,
    -- A decimal from 0 to 1, exact.
    temperature text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) {clustered};

CREATE UNIQUE INDEX custom_scenarios_by_name ON custom_scenarios (scenario_id);

CREATE UNIQUE INDEX custom_scenarios_by_id ON custom_scenarios (id);

-- The last second that stands in one of an account's scenario ids. Ids of scenarios that are gone are not given again.
CREATE TABLE scenario_seconds (
    account_id {key} PRIMARY KEY,
    last_second bigint NOT NULL
) {clustered};
