// Google's own library examines the sandbox: answers whole and streamed, tokens, functions, blocks, errors.
import assert from 'node:assert/strict';
import { ApiError, FinishReason, GoogleGenAI } from '@google/genai';
import { check, control, keysOf, origin, requests } from './lib/sandbox.mjs';

const { base_url, api_url, api_key } = await keysOf('gemini');
assert.equal(api_url, `${origin}/gemini/v1beta`);
const make = apiKey => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base_url } });
const { models } = make(api_key);
const model = 'gemini-2.5-flash';
const ask = (contents, config) => models.generateContent({ model, contents, config });
const script = reply => control('/_sandbox/gemini/replies', reply);
const fault = what => control('/_sandbox/faults', { provider: 'gemini', ...what });

const collect = async stream => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const stream = async (contents, config) => collect(await models.generateContentStream({ model, contents, config }));
const refused = async (promise, status, words) => {
  const error = await promise.then(() => assert.fail(`${status} was expected`), reason => reason);
  assert.ok(error instanceof ApiError, `${error}`);
  assert.equal(error.status, status);
  assert.match(error.message, words);
  return error;
};

const history = [
  { role: 'user', parts: [{ text: 'What is a ledger?' }] },
  { role: 'model', parts: [{ text: 'A record of entries.' }] },
  { role: 'user', parts: [{ text: 'And double entry?' }] },
];

await check('models: list in pages, one, an unknown one', async () => {
  const names = [];
  for await (const one of await models.list({ config: { pageSize: 1 } })) names.push(one.name);
  assert.ok(names.length > 1 && names.includes(`models/${model}`), names.join());
  const one = await models.get({ model });
  assert.equal(one.inputTokenLimit, 1_048_576);
  assert.ok(one.supportedActions.includes('generateContent') && one.thinking);
  await refused(models.get({ model: 'gemini-1.5-flash' }), 404, /gemini-1\.5-flash is not found/);
  await refused(models.generateContent({ model: 'gemini-9', contents: 'Hello' }), 404, /NOT_FOUND/);
});

await check('an answer says what it is, whom it answers and how much it read', async () => {
  const answer = await ask(history, { systemInstruction: 'Be concise.', maxOutputTokens: 800, temperature: 0.7 });
  assert.equal(answer.text, 'This is the sandbox, not a model. Turns read: 3. The last one says: And double entry?');
  assert.equal(answer.candidates[0].finishReason, FinishReason.STOP);
  const { promptTokenCount, candidatesTokenCount, totalTokenCount } = answer.usageMetadata;
  assert.equal(promptTokenCount, 5 + 5 + 5 + 3);
  assert.equal(candidatesTokenCount, Math.ceil(answer.text.length / 4));
  assert.equal(totalTokenCount, promptTokenCount + candidatesTokenCount);
  assert.equal(answer.modelVersion, model);
  assert.ok(answer.responseId);
});

await check('a stream whose usage counts from the beginning', async () => {
  const chunks = await stream(history);
  assert.ok(chunks.length > 3);
  assert.equal(chunks.map(one => one.text ?? '').join(''), (await ask(history)).text);
  const counts = chunks.map(one => one.usageMetadata.candidatesTokenCount);
  assert.ok(counts.every((count, at) => at === 0 || count > counts[at - 1]), counts.join());
  assert.equal(counts.at(-1), (await ask(history)).usageMetadata.candidatesTokenCount);
  assert.deepEqual(chunks.map(one => one.candidates[0].finishReason), [...Array(chunks.length - 1).fill(undefined), FinishReason.STOP]);
});

await check('tokens are counted beforehand as they are counted later', async () => {
  const { totalTokens } = await models.countTokens({ model, contents: history });
  assert.equal(totalTokens, (await ask(history)).usageMetadata.promptTokenCount);
});

await check('thinking, cached tokens, pieces as they were scripted', async () => {
  await script({ chunks: ['One', ' and two.'], thoughts: 'I count.', thinking_tokens: 40, cached_tokens: 4, times: 2 });
  const answer = await ask(history, { thinkingConfig: { includeThoughts: true } });
  assert.equal(answer.text, 'One and two.');
  assert.deepEqual(answer.candidates[0].content.parts[0], { text: 'I count.', thought: true });
  assert.equal(answer.usageMetadata.thoughtsTokenCount, 40);
  assert.equal(answer.usageMetadata.cachedContentTokenCount, 4);
  assert.equal(answer.usageMetadata.totalTokenCount, 15 + 3 + 40);
  assert.deepEqual((await stream(history)).map(one => one.text), ['One', ' and two.']);
});

await check('out of tokens with text, and without any', async () => {
  const cut = await ask('Go on', { maxOutputTokens: 3 });
  assert.equal(cut.text, 'This is the ');
  assert.equal(cut.candidates[0].finishReason, FinishReason.MAX_TOKENS);
  assert.equal(cut.usageMetadata.candidatesTokenCount, 3);
  await script({ thinking_tokens: 500, text: 'Never said.' });
  const [silent] = await stream('Go on', { maxOutputTokens: 100 });
  assert.equal(silent.candidates[0].finishReason, FinishReason.MAX_TOKENS);
  assert.equal(silent.candidates[0].content, undefined);
  assert.equal(silent.usageMetadata.thoughtsTokenCount, 100);
});

await check('blocked: the prompt, the answer, a recitation', async () => {
  await script({ block_reason: 'SAFETY' });
  const blocked = await ask('Something bad');
  assert.equal(blocked.candidates, undefined);
  assert.equal(blocked.promptFeedback.blockReason, 'SAFETY');
  await script({ finish_reason: 'SAFETY', no_content: true });
  const unsafe = await ask('Something bad');
  assert.equal(unsafe.candidates[0].finishReason, FinishReason.SAFETY);
  assert.equal(unsafe.text, undefined);
  assert.ok(unsafe.candidates[0].safetyRatings[0].blocked);
  await script({ finish_reason: 'RECITATION', text: 'It was the best of times' });
  assert.equal((await stream('A novel')).at(-1).candidates[0].finishReason, FinishReason.RECITATION);
});

await check('a function is called, answered, and its signature comes back', async () => {
  const tools = [{ functionDeclarations: [{ name: 'get_balance', description: 'Credits', parametersJsonSchema: { type: 'object', properties: {} } }] }];
  await script({ calls: [{ name: 'get_balance', args: { unit: 'credit' } }] });
  const asked = [{ role: 'user', parts: [{ text: 'How many credits are left?' }] }];
  const answer = await ask(asked, { tools });
  const [call] = answer.functionCalls;
  assert.deepEqual([call.name, call.args], ['get_balance', { unit: 'credit' }]);
  assert.equal(answer.candidates[0].finishReason, FinishReason.STOP);
  const result = { role: 'user', parts: [{ functionResponse: { id: call.id, name: call.name, response: { credits: 12 } } }] };
  const turns = [...asked, answer.candidates[0].content, result];
  assert.match((await ask(turns, { tools })).text, /Turns read: 3/);
  const unsigned = structuredClone(turns);
  delete unsigned[1].parts[0].thoughtSignature;
  await refused(ask(unsigned, { tools }), 400, /thought_signature/);
  await refused(ask(turns.slice(0, 2), { tools }), 400, /end with a user role/);
});

await check('an answer with nothing in it, a broken one, strange usage', async () => {
  await script({ empty: true, times: 2 });
  assert.equal((await ask('Hello')).candidates, undefined);
  assert.deepEqual(await stream('Hello'), []);
  await script({ usage: null });
  assert.equal((await ask('Hello')).usageMetadata, undefined);
  await script({ body: '{"candidates": [' });
  await assert.rejects(ask('Hello'));
});

await check('only the question that was meant is answered by script', async () => {
  await script({ when: 'apples', text: 'About apples.' });
  assert.match((await ask('Pears?')).text, /Pears\?/);
  assert.equal((await ask('What of apples?')).text, 'About apples.');
});

await check('wrong requests are refused in words', async () => {
  await refused(ask([{ role: 'assistant', parts: [{ text: 'Hello' }] }]), 400, /valid role: user, model/);
  await refused(ask([...history, { role: 'user', parts: [{ text: 'Again' }] }]), 400, /alternate between user and model/);
  await refused(ask(history.slice(1)), 400, /begin with user/);
  await refused(ask([{ role: 'user', parts: [] }]), 400, /must not be empty/);
  await refused(ask('Hello', { temperature: 9 }), 400, /temperature/);
  await refused(models.generateContent({ model, contents: 'Hello', config: { httpOptions: { extraBody: { langauge: 'de' } } } }), 400, /Unknown name .*langauge/);
  await refused(make('').models.generateContent({ model, contents: 'Hello' }), 403, /PERMISSION_DENIED/);
  await refused(make('somebodys-key').models.generateContent({ model, contents: 'Hello' }), 403, /PERMISSION_DENIED/);
  const inUrl = await fetch(`${api_url}/models?key=${api_key}`);
  assert.equal(inUrl.status, 403);
});

await check('errors of the service, before and inside the stream', async () => {
  await fault({ status: 429 });
  const busy = JSON.parse((await refused(ask('Hello'), 429, /RESOURCE_EXHAUSTED/)).message);
  assert.equal(busy.error.details.find(one => one['@type'].endsWith('RetryInfo')).retryDelay, '17s');
  await fault({ status: 503 });
  await refused(stream('Hello'), 503, /UNAVAILABLE/);
  await fault({ status: 500, after_events: 2 });
  const seen = [];
  const broken = (async () => { for await (const one of await models.generateContentStream({ model, contents: 'Hello' })) seen.push(one); })();
  await refused(broken, 500, /INTERNAL/);
  assert.equal(seen.length, 2);
  await fault({ drop: true, after_events: 1 });
  const few = [];
  await assert.rejects(async () => { for await (const one of await models.generateContentStream({ model, contents: 'Hello' })) few.push(one); });
  assert.equal(few.length, 1);
});

await check('a stream that pauses goes on when it is released, and sees a client hang up', async () => {
  await script({ chunks: ['One', ' two', ' three'], pause_after: [2], times: 2 });
  const paused = await models.generateContentStream({ model, contents: 'Slowly' });
  assert.deepEqual([(await paused.next()).value.text, (await paused.next()).value.text], ['One', ' two']);
  const waiting = await pauses(1);
  assert.equal(waiting[0].events_sent, 2);
  assert.deepEqual(await control('/_sandbox/gemini/release', {}), { released: 1 });
  assert.equal((await paused.next()).value.text, ' three');
  assert.ok((await paused.next()).done);

  const hangUp = new AbortController();
  const left = await models.generateContentStream({ model, contents: 'Slowly', config: { abortSignal: hangUp.signal } });
  await left.next();
  await pauses(1);
  hangUp.abort();
  await pauses(0);
});

await check('the key travels in its header only', async () => {
  const [last] = await requests('gemini', `/v1beta/models/${model}:generateContent`, 1);
  assert.ok(last.headers['x-goog-api-key']);
  assert.equal(last.query, null);
});

async function pauses(count) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const waiting = await control('/_sandbox/gemini/pauses');
    if (waiting.length === count) return waiting;
    assert.ok(performance.now() < deadline, `${waiting.length} streams wait, not ${count}`);
  }
}
