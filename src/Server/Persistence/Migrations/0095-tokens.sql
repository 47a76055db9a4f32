-- Tokens as the provider counts them; zero of what is measured in seconds. Cached ones are part of the input.
ALTER TABLE usage_records ADD COLUMN input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0);
ALTER TABLE usage_records ADD COLUMN cached_tokens bigint NOT NULL DEFAULT 0 CHECK (cached_tokens BETWEEN 0 AND input_tokens);
ALTER TABLE usage_records ADD COLUMN output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0);

-- Paid by credits, hold_id is the hold that was captured. Out of an allowance nothing was charged, and hold_id only names the use.
ALTER TABLE usage_records ADD COLUMN funding text NOT NULL DEFAULT 'credits' CHECK (funding = 'credits' OR (funding = 'allowance' AND credits_micro = 0));
