// OpenAI's own library examines the sandbox's chat completions: whole and streamed, tools, limits, refusals, errors.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { check, control, keysOf } from './lib/sandbox.mjs';

const { base_url, api_key } = await keysOf('openai');
const make = options => new OpenAI({ apiKey: api_key, baseURL: `${base_url}/v1`, maxRetries: 0, ...options });
const { completions } = make().chat;
const model = 'gpt-5-mini';
const messages = [
  { role: 'developer', content: 'Be concise.' },
  { role: 'user', content: 'What is a ledger?' },
  { role: 'assistant', content: 'A record of entries.' },
  { role: 'user', content: [{ type: 'text', text: 'And double entry?' }] },
];
const echo = 'This is the sandbox, not a model. Turns read: 3. The last one says: And double entry?';
const ask = (more = {}) => completions.create({ model, messages, ...more });
const script = reply => control('/_sandbox/openai/replies', reply);
const chunksOf = async (more = {}) => {
  const chunks = [];
  for await (const chunk of await ask({ stream: true, ...more })) chunks.push(chunk);
  return chunks;
};
const withUsage = { stream_options: { include_usage: true } };
const textOf = chunks => chunks.map(one => one.choices[0]?.delta.content ?? '').join('');

await check('a completion with its usage', async () => {
  const answer = await ask({ max_completion_tokens: 800 });
  assert.equal(answer.choices[0].message.content, echo);
  assert.equal(answer.choices[0].message.refusal, null);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.prompt_tokens, 3 + 5 + 5 + 5);
  assert.equal(answer.usage.completion_tokens, Math.ceil(echo.length / 4));
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.equal(answer.usage.prompt_tokens_details.cached_tokens, 0);
});

await check('a stream, with usage in a chunk of its own only when asked for', async () => {
  const chunks = await chunksOf(withUsage);
  assert.equal(textOf(chunks), echo);
  const last = chunks.at(-1);
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, Math.ceil(echo.length / 4));
  assert.ok(chunks.slice(0, -1).every(one => one.usage === null && one.choices.length === 1));
  assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  const plain = await chunksOf();
  assert.ok(plain.every(one => one.usage === undefined && one.choices.length === 1));
});

await check('cached and reasoning tokens are part of the sums', async () => {
  await script({ text: 'Twelve.', thinking_tokens: 64, cached_tokens: 8, times: 2 });
  const { usage } = await ask();
  assert.equal(usage.completion_tokens, 64 + 2);
  assert.equal(usage.completion_tokens_details.reasoning_tokens, 64);
  assert.equal(usage.prompt_tokens_details.cached_tokens, 8);
  assert.deepEqual((await chunksOf(withUsage)).at(-1).usage, usage);
});

await check('tools are called, in fragments too, and answered', async () => {
  const tools = [{ type: 'function', function: { name: 'get_balance', parameters: { type: 'object', properties: { unit: { type: 'string' } } } } }];
  const args = { unit: 'credit', of: 'the whole account' };
  await script({ calls: [{ name: 'get_balance', args }, { name: 'get_balance', args: {} }], times: 2 });
  const answer = await ask({ tools });
  const { message, finish_reason } = answer.choices[0];
  assert.equal(finish_reason, 'tool_calls');
  assert.equal(message.content, null);
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), args);

  const streamed = await completions.stream({ model, messages, tools }).finalChatCompletion();
  assert.deepEqual(streamed.choices[0].message.tool_calls.map(one => JSON.parse(one.function.arguments)), [args, {}]);

  const turns = [...messages, message, ...message.tool_calls.map(call => ({ role: 'tool', tool_call_id: call.id, content: '{"credits":12}' }))];
  assert.match((await ask({ tools, messages: [...turns, { role: 'user', content: 'So?' }] })).choices[0].message.content, /Turns read: 7/);
  await assert.rejects(ask({ tools, messages: turns.slice(0, -1) }), refused(OpenAI.BadRequestError, 400, null));
  await assert.rejects(ask({ tools, messages: [...messages, turns.at(-1)] }), refused(OpenAI.BadRequestError, 400, null));
});

await check('out of tokens, filtered, refused', async () => {
  const cut = await ask({ max_completion_tokens: 3 });
  assert.deepEqual([cut.choices[0].message.content, cut.choices[0].finish_reason], ['This is the ', 'length']);
  await script({ thinking_tokens: 500 });
  const silent = await ask({ max_completion_tokens: 100 });
  assert.deepEqual([silent.choices[0].message.content, silent.choices[0].finish_reason, silent.usage.completion_tokens], ['', 'length', 100]);
  await script({ finish_reason: 'content_filter', text: 'It beg' });
  assert.equal((await chunksOf()).at(-1).choices[0].finish_reason, 'content_filter');
  await script({ refusal: 'I cannot help with that.', times: 2 });
  const { message } = (await ask()).choices[0];
  assert.deepEqual([message.content, message.refusal], [null, 'I cannot help with that.']);
  assert.equal((await completions.stream({ model, messages }).finalChatCompletion()).choices[0].message.refusal, 'I cannot help with that.');
});

await check('models that chat are listed; the others do not chat', async () => {
  const ids = [];
  for await (const one of make().models.list()) ids.push(one.id);
  assert.ok(ids.includes(model) && ids.includes('gpt-4o-mini'), ids.join());
  await assert.rejects(ask({ model: 'gpt-9' }), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
  await assert.rejects(ask({ model: 'whisper-1' }), refused(OpenAI.NotFoundError, 404, null));
});

await check('wrong requests are refused, with the field', async () => {
  const wrong = [
    [{ langauge: 'de' }, 'langauge'], [{ max_tokens: 5 }, 'max_tokens'], [{ temperature: 0.2 }, 'temperature'], [{ temperature: 'warm' }, 'temperature'],
    [{ ...withUsage }, 'stream_options'], [{ messages: [] }, 'messages'], [{ messages: undefined }, 'messages'], [{ max_completion_tokens: 0 }, 'max_completion_tokens'],
    [{ messages: [{ role: 'bot', content: 'Hello' }] }, 'messages[0].role'], [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'smell' }] }] }, 'messages[0].content[0].type'], [{ tools: [{ type: 'function', function: { name: 'a b' } }] }, 'tools[0].function.name'],
    [{ n: 2 }, 'n'], [{ stream: 'yes' }, 'stream'], [{ tool_choice: 'auto' }, 'tool_choice'],
  ];
  for (const [more, param] of wrong) {
    await assert.rejects(ask(more), error => error instanceof OpenAI.BadRequestError && error.param === param && error.message.length > 10, `${JSON.stringify(more)}: ${param}`);
  }
  await ask({ model: 'gpt-4o-mini', max_tokens: 5, temperature: 0.2 });
  await assert.rejects(make({ apiKey: 'pk-wrong' }).chat.completions.create({ model, messages }), refused(OpenAI.AuthenticationError, 401, 'invalid_api_key'));
});

await check('errors of the service, before and inside the stream', async () => {
  const fault = more => control('/_sandbox/faults', { provider: 'openai', path: '/chat/completions', ...more });
  await fault({ status: 429, headers: { 'retry-after-ms': '1' } });
  await assert.rejects(ask(), refused(OpenAI.RateLimitError, 429, null));
  await fault({ status: 503 });
  await assert.rejects(ask({ stream: true }), refused(OpenAI.InternalServerError, 503, null));
  for (const strike of [{ status: 500 }, { drop: true }]) {
    await fault({ after_events: 3, ...strike });
    let seen = 0;
    await assert.rejects(async () => { for await (const _ of await ask({ stream: true })) seen++; });
    assert.equal(seen, 3);
  }
});

await check('a stream that pauses goes on when it is released, and sees a client hang up', async () => {
  await script({ chunks: ['One', ' two'], pause_after: [2], times: 2 });
  const texts = [];
  for await (const chunk of await ask({ stream: true })) {
    texts.push(chunk.choices[0].delta.content);
    if (texts.length === 2) {
      await pauses(1);
      await control('/_sandbox/openai/release', {});
    }
  }
  assert.deepEqual(texts.slice(0, 3), ['', 'One', ' two']);
  for await (const chunk of await ask({ stream: true })) {
    if (chunk.choices[0].delta.content === 'One') {
      await pauses(1);
      break;
    }
  }
  await pauses(0);
});

async function pauses(count) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const waiting = await control('/_sandbox/openai/pauses');
    if (waiting.length === count) return;
    assert.ok(performance.now() < deadline, `${waiting.length} streams wait, not ${count}`);
  }
}

function refused(kind, status, code) {
  return error => {
    assert.ok(error instanceof kind, `${error}`);
    assert.deepEqual([error.status, error.code ?? null], [status, code]);
    return true;
  };
}
