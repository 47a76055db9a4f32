// OpenAI's own library examines our server: it is pointed at /v1 with one of our keys, and must not notice.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import { check, control, requests, wav } from '../lib/sandbox.mjs';

const { SERVER_URL, LEDGERLINE_KEY, POOR_KEY } = process.env;
const make = options => new OpenAI({ apiKey: LEDGERLINE_KEY, baseURL: `${SERVER_URL}/v1`, maxRetries: 0, ...options });
const openai = make();

const words = 'Hello there. This is a short recording.';
const recording = (seconds = 8.47) => toFile(wav(seconds, words), 'speech.wav', { type: 'audio/wav' });
const transcribe = async (options, client = openai, settings = undefined) =>
  client.audio.transcriptions.create({ file: await recording(), model: 'whisper-1', ...options }, settings);

await check('models: list, retrieve, an unknown one', async () => {
  const ids = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  for (const id of ['gpt-4o-mini-transcribe', 'gpt-4o-transcribe', 'gpt-4o-transcribe-diarize', 'whisper-1', 'gemini-2.5-flash', 'gpt-5-mini']) assert.ok(ids.includes(id), id);
  assert.equal((await openai.models.retrieve('whisper-1')).object, 'model');
  await assert.rejects(openai.models.retrieve('whisper-9'), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
});

await check('json, with its cost and request id', async () => {
  const { data, response, request_id } = await openai.audio.transcriptions.create({ file: await recording(), model: 'whisper-1' }).withResponse();
  assert.equal(data.text, words);
  assert.deepEqual(data.usage, { type: 'duration', seconds: 9 });
  assert.match(request_id, /^req_/);
  assert.equal(response.headers.get('x-ledgerline-cost-credits'), '1');
  assert.match(response.headers.get('x-ledgerline-balance-credits'), /^\d+$/);
  assert.ok(Number(response.headers.get('x-ratelimit-remaining-requests')) < Number(response.headers.get('x-ratelimit-limit-requests')));
});

await check('every response format of transcriptions and translations', async () => {
  const verbose = await transcribe({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'], language: 'en', temperature: 0.2 });
  assert.deepEqual([Number(verbose.duration), verbose.words.length, verbose.segments.length], [8.47, 7, 2]);
  assert.equal((await transcribe({ response_format: 'text' })).trim(), words);
  assert.match(await transcribe({ response_format: 'srt' }), /^1\n00:00:00,000 --> /);
  assert.match(await transcribe({ response_format: 'vtt' }), /^WEBVTT\n\n/);
  const diarized = await transcribe({ model: 'gpt-4o-transcribe-diarize', response_format: 'diarized_json', chunking_strategy: { type: 'server_vad', threshold: 0.4 } });
  assert.equal(diarized.segments.length, 2);
  const probable = await transcribe({ model: 'gpt-4o-transcribe', include: ['logprobs'] });
  assert.ok(probable.logprobs.length > 0);
  const translate = async response_format => openai.audio.translations.create({ file: await recording(), model: 'whisper-1', response_format });
  assert.equal((await translate('json')).text, words);
  assert.equal(Number((await translate('verbose_json')).duration), 8.47);
  assert.equal((await translate('text')).trim(), words);
  assert.match(await translate('srt'), /^1\n/);
  assert.match(await translate('vtt'), /^WEBVTT/);
});

await check('a stream, and one that breaks off', async () => {
  let text = '';
  let last;
  for await (const event of await transcribe({ model: 'gpt-4o-mini-transcribe', stream: true })) {
    if (event.type === 'transcript.text.delta') text += event.delta;
    last = event;
  }
  assert.equal(text, words);
  assert.equal(last.text, words);
  assert.equal(last.usage.cost_credits, 1);
  await control('/_sandbox/openai/next', { cut_after: 2 });
  await assert.rejects(async () => {
    for await (const event of await transcribe({ model: 'gpt-4o-transcribe', stream: true })) text += event.delta ?? '';
  }, error => error instanceof OpenAI.APIError && /broke off/.test(error.message));
});

await check('refusals have the class, code and parameter of the original', async () => {
  await assert.rejects(transcribe({}, make({ apiKey: `lk_${'A'.repeat(43)}` })), refused(OpenAI.AuthenticationError, 401, 'invalid_api_key'));
  await assert.rejects(transcribe({ model: 'whisper-9' }), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
  await assert.rejects(transcribe({ response_format: 'xml' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'response_format'));
  await assert.rejects(transcribe({ model: 'gpt-4o-transcribe', response_format: 'srt' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'response_format'));
  const noise = await toFile(Buffer.from('this is no audio at all'), 'speech.mp3', { type: 'audio/mpeg' });
  await assert.rejects(transcribe({ file: noise }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'file'));
  await assert.rejects(openai.get('/nowhere'), refused(OpenAI.NotFoundError, 404));
  await assert.rejects(openai.get('/audio/transcriptions'), error => error.status === 405);
});

/** The library asks an address of its own making first, whether this fetch knows forms. */
const isProbe = url => !`${url}`.startsWith('http');

/** Counts what the library sends while the work runs; each attempt is one call of fetch. */
const counted = options => {
  const attempts = [];
  const client = make({ ...options, fetch: async (url, init) => {
    const answer = await fetch(url, init);
    if (!isProbe(url)) attempts.push(answer.status);
    return answer;
  } });
  return { client, attempts };
};

await check('402 is told at once and never asked again', async () => {
  const { client, attempts } = counted({ apiKey: POOR_KEY, maxRetries: 2 });
  const error = await transcribe({}, client).then(() => assert.fail('it was paid for'), failure => failure);
  assert.ok(error instanceof OpenAI.APIError);
  assert.deepEqual([error.status, error.code, error.type], [402, 'insufficient_credits', 'insufficient_quota']);
  assert.deepEqual(error.error.metadata, { limit_source: 'balance', needed: 1, available: 0 });
  assert.deepEqual(attempts, [402]);
});

await check('a provider that fails once is asked again by the library, and charged once', async () => {
  await control('/_sandbox/reset', {});
  await control('/_sandbox/faults', { provider: 'openai', status: 500 });
  const { client, attempts } = counted({ maxRetries: 2 });
  const { response } = await client.audio.transcriptions.create({ file: await recording(), model: 'whisper-1' }).withResponse();
  assert.deepEqual(attempts, [502, 200]);
  assert.equal(response.headers.get('x-ledgerline-cost-credits'), '1');
  assert.equal((await requests('openai', '/v1/audio/transcriptions', 2)).length, 2);
});

await check('an answer that got lost is not made and charged again', async () => {
  await control('/_sandbox/reset', {});
  let lost = 0;
  const client = make({ maxRetries: 2, fetch: async (url, init) => {
    const answer = await fetch(url, init);
    if (isProbe(url) || lost++ > 0) return answer;
    await answer.arrayBuffer();
    throw new TypeError('the connection was lost');
  } });
  const { data, response } = await client.audio.transcriptions.create({ file: await recording(3), model: 'whisper-1' }).withResponse();
  assert.equal(data.text, words);
  assert.equal(response.headers.get('idempotency-replayed'), 'true');
  assert.equal((await requests('openai', '/v1/audio/transcriptions', 1)).length, 1);
});

await check('a key of idempotency replays the same bytes, and refuses another request', async () => {
  await control('/_sandbox/reset', {});
  const once = { headers: { 'Idempotency-Key': 'node-1' } };
  const first = await transcribe({ response_format: 'srt' }, openai, once);
  assert.equal(await transcribe({ response_format: 'srt' }, openai, once), first);
  await assert.rejects(transcribe({ response_format: 'vtt' }, openai, once), refused(OpenAI.UnprocessableEntityError, 422, 'idempotency_key_reused'));
  assert.equal((await requests('openai', '/v1/audio/transcriptions', 1)).length, 1);
});

await check('429 is waited for as long as the answer says, and no longer', async () => {
  const limited = make({ maxRetries: 2 });
  let status = 200;
  for (let sent = 0; status === 200; sent++) {
    assert.ok(sent < 100, 'the limit was never reached');
    status = (await fetch(`${SERVER_URL}/v1/audio/transcriptions`, { method: 'POST', headers: { authorization: `Bearer ${LEDGERLINE_KEY}` } })).status;
    if (status === 400) status = 200;
  }
  assert.equal(status, 429);
  await assert.rejects(transcribe({}), refused(OpenAI.RateLimitError, 429, 'rate_limit_exceeded'));
  // The window is a minute; all but its last seconds pass here.
  await control('/_sandbox/clock', { advance_seconds: 56 });
  assert.equal((await transcribe({}, limited)).text, words);
});

function refused(kind, status, code, param) {
  return error => {
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(error.status, status);
    assert.equal(error.code ?? undefined, code);
    if (param) assert.equal(error.param, param);
    assert.ok(error.message.length > 5);
    assert.match(error.requestID, /^req_/);
    return true;
  };
}
