// OpenAI's own library talks to models through our server: OpenAI-compatible ones and Gemini's, and must not notice which.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { check, control } from '../lib/sandbox.mjs';

const { SERVER_URL, LEDGERLINE_KEY, POOR_KEY } = process.env;
const make = options => new OpenAI({ apiKey: LEDGERLINE_KEY, baseURL: `${SERVER_URL}/v1`, maxRetries: 0, ...options });
const openai = make();
const models = [{ model: 'gpt-5-mini', provider: 'openai' }, { model: 'gemini-2.5-flash', provider: 'gemini' }];
const user = content => [{ role: 'user', content }];
const script = (provider, reply) => control(`/_sandbox/${provider}/replies`, reply);

const tools = [{
  type: 'function',
  function: { name: 'get_balance', description: 'Current credits', parameters: { type: 'object', properties: { unit: { type: 'string' } }, required: ['unit'] } },
}];

for (const { model, provider } of models) {
  await check(`${model}: a whole answer, with its cost and request id`, async () => {
    await script(provider, { text: 'A record of entries.' });
    const { data, response, request_id } = await openai.chat.completions.create({ model, messages: user('What is a ledger?') }).withResponse();
    assert.equal(data.choices[0].message.content, 'A record of entries.');
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.match(request_id, /^req_/);
    assert.ok(Number(response.headers.get('x-ledgerline-cost-credits')) > 0);
    assert.ok(Number(response.headers.get('x-ledgerline-balance-credits')) > 0);
  });

  await check(`${model}: a stream, with and without its usage`, async () => {
    await script(provider, { chunks: ['One ', 'two ', 'three.'], times: 2 });
    let [text, usage] = ['', undefined];
    for await (const chunk of await openai.chat.completions.create({ model, messages: user('Count.'), stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, 'One two three.');
    assert.ok(usage.cost_credits > 0 && usage.balance_credits > 0 && usage.completion_tokens > 0);
    for await (const chunk of await openai.chat.completions.create({ model, messages: user('Count.'), stream: true })) {
      assert.equal(chunk.usage ?? null, null);
      assert.ok(chunk.choices.length > 0);
    }
  });

  await check(`${model}: the library runs a tool and the model goes on`, async () => {
    await script(provider, { when: 'How much', calls: [{ name: 'get_balance', args: { unit: 'vc' } }] });
    const asked = [];
    const runner = openai.chat.completions.runTools({
      model,
      messages: user('How much is left?'),
      stream: true,
      tools: [{ ...tools[0], function: { ...tools[0].function, parse: JSON.parse, function: args => { asked.push(args); return { credits: 5 }; } } }],
    });
    assert.ok((await runner.finalContent()).length > 0);
    assert.deepEqual(asked, [{ unit: 'vc' }]);
  });

  await check(`${model}: JSON by a schema`, async () => {
    await script(provider, { text: '{"entries":2}' });
    const completion = await openai.chat.completions.parse({
      model,
      messages: user('As JSON.'),
      response_format: { type: 'json_schema', json_schema: { name: 'count', schema: { type: 'object', properties: { entries: { type: 'integer' } } } } },
    });
    assert.equal(JSON.parse(completion.choices[0].message.content).entries, 2);
  });

  await check(`${model}: leaving a stream ends it at once`, async () => {
    await script(provider, { chunks: ['One ', 'two ', 'three.'], pause_after: [2] });
    const stream = await openai.chat.completions.create({ model, messages: user('Count.'), stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) break;
    }
    await until(async () => (await control(`/_sandbox/${provider}/pauses`)).length === 0);
  });

  await check(`${model}: a stream that breaks off is an error`, async () => {
    await script(provider, { chunks: ['One ', 'two ', 'three.'] });
    await control('/_sandbox/faults', { provider, after_events: 2, drop: true });
    await assert.rejects(async () => {
      for await (const chunk of await openai.chat.completions.create({ model, messages: user('Count.'), stream: true })) assert.ok(chunk);
    }, error => error instanceof OpenAI.APIError && /broke off/.test(error.message));
  });

  await check(`${model}: refusals have the class, code and parameter of the original`, async () => {
    const ask = (options, client = openai) => client.chat.completions.create({ model, messages: user('What?'), ...options });
    await assert.rejects(ask({ n: 0 }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'n'));
    await assert.rejects(ask({ messages: [] }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'messages'));
    await assert.rejects(ask({ service_tier: 'priority' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'service_tier'));
    await assert.rejects(ask({ model: 'gpt-9' }), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
    const attempts = [];
    const poor = make({ apiKey: POOR_KEY, maxRetries: 2, fetch: async (url, init) => { const answer = await fetch(url, init); attempts.push(answer.status); return answer; } });
    const error = await ask({}, poor).then(() => assert.fail('it was paid for'), failure => failure);
    assert.deepEqual([error.status, error.code, error.type, attempts.length], [402, 'insufficient_credits', 'insufficient_quota', 1]);
  });

  await check(`${model}: a provider that fails once is asked again by the library, and charged once`, async () => {
    await control('/_sandbox/faults', { provider, status: 503 });
    const { response } = await make({ maxRetries: 2 }).chat.completions.create({ model, messages: user('Again?') }).withResponse();
    assert.ok(Number(response.headers.get('x-ledgerline-cost-credits')) > 0);
  });
}

async function until(happened) {
  const patience = AbortSignal.timeout(60_000);
  while (!(await happened())) {
    patience.throwIfAborted();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function refused(kind, status, code, param) {
  return error => {
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(error.status, status);
    assert.equal(error.code ?? undefined, code);
    if (param) assert.equal(error.param, param);
    assert.match(error.requestID, /^req_/);
    return true;
  };
}
