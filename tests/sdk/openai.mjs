// OpenAI's own library examines the sandbox: models, transcriptions in every format, errors, and when to ask again.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import { check, control, keysOf, origin, requests, wav } from './lib/sandbox.mjs';

const { base_url, api_key } = await keysOf('openai');
assert.ok(base_url.startsWith(origin));
const make = options => new OpenAI({ apiKey: api_key, baseURL: `${base_url}/v1`, maxRetries: 0, ...options });
const openai = make();

const words = 'Hello there. This is a short recording.';
const recording = () => toFile(wav(8.47, words), 'speech.wav', { type: 'audio/wav' });
const transcribe = async (options, client = openai) =>
  client.audio.transcriptions.create({ file: await recording(), model: 'whisper-1', ...options });

await check('models: list, retrieve, an unknown one', async () => {
  const ids = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  assert.ok(ids.includes('whisper-1') && ids.includes('gpt-4o-transcribe'), ids.join());
  const model = await openai.models.retrieve('whisper-1');
  assert.equal(model.object, 'model');
  assert.ok(model.created > 1_600_000_000);
  await assert.rejects(openai.models.retrieve('whisper-9'), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
});

await check('json, with what it used', async () => {
  const { data, response, request_id } = await openai.audio.transcriptions.create({ file: await recording(), model: 'whisper-1' }).withResponse();
  assert.equal(data.text, words);
  assert.deepEqual(data.usage, { type: 'duration', seconds: 9 });
  assert.match(request_id, /^req_/);
  assert.ok(response.headers.get('openai-processing-ms'));
});

await check('json of a model that counts tokens', async () => {
  const answer = await transcribe({ model: 'gpt-4o-transcribe', include: ['logprobs'], response_format: 'json' });
  assert.equal(answer.text, words);
  assert.equal(answer.usage.type, 'tokens');
  assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
  assert.ok(answer.logprobs.length > 0 && answer.logprobs.every(one => one.logprob <= 0));
});

await check('verbose_json, by words and segments', async () => {
  const answer = await transcribe({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'], language: 'en', temperature: 0.2 });
  assert.equal(answer.text, words);
  assert.equal(answer.language, 'english');
  assert.equal(Number(answer.duration), 8.47);
  assert.equal(answer.usage.seconds, 9);
  assert.deepEqual(answer.words.map(one => one.word), ['Hello', 'there', 'This', 'is', 'a', 'short', 'recording']);
  assert.equal(answer.segments.length, 2);
  for (const list of [answer.words, answer.segments]) {
    assert.ok(list.every((one, at) => one.start <= one.end && (at === 0 || list[at - 1].end <= one.start)));
    assert.ok(list.at(-1).end <= 8.47);
  }
  assert.equal((await transcribe({ response_format: 'verbose_json' })).words, undefined);
});

await check('text, srt, vtt: plain, without usage', async () => {
  assert.equal((await transcribe({ response_format: 'text' })).trim(), words);
  assert.match(await transcribe({ response_format: 'srt' }), /^1\n00:00:00,000 --> 00:00:\d\d,\d{3}\nHello there\.\n\n2\n/);
  assert.match(await transcribe({ response_format: 'vtt' }), /^WEBVTT\n\n00:00:00\.000 --> 00:00:\d\d\.\d{3}\nHello there\.\n/);
});

await check('diarized_json', async () => {
  const answer = await transcribe({ model: 'gpt-4o-transcribe-diarize', response_format: 'diarized_json', chunking_strategy: 'auto' });
  assert.equal(answer.duration, 8.47);
  assert.deepEqual(answer.segments.map(one => one.text), ['Hello there.', 'This is a short recording.']);
  assert.ok(answer.segments.every(one => one.speaker && one.id && one.type === 'transcript.text.segment'));
  const chunked = await transcribe({ model: 'gpt-4o-transcribe-diarize', chunking_strategy: { type: 'server_vad', threshold: 0.4, silence_duration_ms: 300 } });
  assert.equal(chunked.text, words);
  await assert.rejects(transcribe({ model: 'gpt-4o-transcribe-diarize', chunking_strategy: { type: 'magic' } }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'chunking_strategy'));
  await assert.rejects(transcribe({ model: 'gpt-4o-transcribe-diarize', prompt: 'names' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'prompt'));
});

await check('a stream of deltas that ends with the whole', async () => {
  let text = '';
  let last;
  for await (const event of await transcribe({ model: 'gpt-4o-mini-transcribe', stream: true })) {
    if (event.type === 'transcript.text.delta') text += event.delta;
    last = event;
  }
  assert.equal(text, words);
  assert.equal(last.type, 'transcript.text.done');
  assert.equal(last.text, words);
  assert.equal(last.usage.type, 'tokens');
});

await check('a stream of speakers, and one that is cut', async () => {
  const types = [];
  for await (const event of await transcribe({ model: 'gpt-4o-transcribe-diarize', response_format: 'diarized_json', stream: true })) types.push(event.type);
  assert.equal(types.filter(type => type === 'transcript.text.segment').length, 2);
  assert.equal(types.at(-1), 'transcript.text.done');
  await control('/_sandbox/openai/next', { cut_after: 2 });
  let seen = 0;
  await assert.rejects(async () => {
    for await (const event of await transcribe({ model: 'gpt-4o-transcribe', stream: true })) seen += event.delta ? 1 : 0;
  });
  assert.equal(seen, 2);
});

await check('translations in every format', async () => {
  assert.equal((await openai.audio.translations.create({ file: await recording(), model: 'whisper-1' })).text, words);
  const verbose = await openai.audio.translations.create({ file: await recording(), model: 'whisper-1', response_format: 'verbose_json' });
  assert.equal(Number(verbose.duration), 8.47);
  const translate = async response_format => openai.audio.translations.create({ file: await recording(), model: 'whisper-1', response_format });
  assert.equal((await translate('text')).trim(), words);
  assert.match(await translate('srt'), /^1\n00:00:00,000 --> /);
  assert.match(await translate('vtt'), /^WEBVTT\n\n00:00:00\.000 --> /);
  await assert.rejects(openai.audio.translations.create({ file: await recording(), model: 'gpt-4o-transcribe' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'model'));
});

await check('refusals carry status, code, parameter and request id', async () => {
  await assert.rejects(transcribe({}, make({ apiKey: 'pk-wrong' })), refused(OpenAI.AuthenticationError, 401, 'invalid_api_key'));
  await assert.rejects(transcribe({ model: 'whisper-9' }), refused(OpenAI.NotFoundError, 404, 'model_not_found'));
  await assert.rejects(transcribe({ response_format: 'xml' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'response_format'));
  await assert.rejects(transcribe({ model: 'gpt-4o-transcribe', response_format: 'srt' }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'response_format'));
  await assert.rejects(transcribe({ timestamp_granularities: ['word'] }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'timestamp_granularities'));
  const noise = await toFile(Buffer.from('this is no audio at all'), 'speech.mp3', { type: 'audio/mpeg' });
  await assert.rejects(transcribe({ file: noise }), refused(OpenAI.BadRequestError, 400, 'invalid_value', 'file'));
  await assert.rejects(openai.get('/nowhere'), refused(OpenAI.NotFoundError, 404));
});

const path = '/v1/models/whisper-1';

/** Sets a fault, asks with two retries allowed, and answers how it went and how often the sandbox was asked. */
async function withFault(fault, expected) {
  await control('/_sandbox/reset', {});
  await control('/_sandbox/faults', { provider: 'openai', path, ...fault });
  const started = performance.now();
  const outcome = await make({ maxRetries: 2 }).models.retrieve('whisper-1').then(() => 'answered', error => error);
  const elapsed = performance.now() - started;
  const attempts = await requests('openai', path, expected);
  assert.equal(attempts.length, expected, `asked ${attempts.length} times: ${outcome}`);
  assert.deepEqual(attempts.map(one => one.headers['x-stainless-retry-count']), attempts.map((_, at) => `${at}`));
  return { outcome, elapsed };
}

await check('asks again after 5xx, and the second retry is answered', async () => {
  const { outcome } = await withFault({ times: 2, status: 503, headers: { 'retry-after-ms': '1' } }, 3);
  assert.equal(outcome, 'answered');
});

await check('gives up after two retries, with the class of the status', async () => {
  const { outcome } = await withFault({ times: 3, status: 500, headers: { 'retry-after-ms': '1' } }, 3);
  assert.ok(outcome instanceof OpenAI.InternalServerError);
});

await check('waits what retry-after-ms says on 429', async () => {
  const { outcome, elapsed } = await withFault({ times: 1, status: 429, headers: { 'retry-after-ms': '300' } }, 2);
  assert.equal(outcome, 'answered');
  assert.ok(elapsed >= 290, `only ${elapsed} ms passed`);
});

await check('x-should-retry: false stops it, on 402 and even on 500', async () => {
  const broke = await withFault({ status: 402, headers: { 'x-should-retry': 'false' } }, 1);
  assert.ok(broke.outcome instanceof OpenAI.APIError && broke.outcome.status === 402);
  const failed = await withFault({ status: 500, headers: { 'x-should-retry': 'false' } }, 1);
  assert.ok(failed.outcome instanceof OpenAI.InternalServerError);
});

await check('x-should-retry: true repeats even a 400', async () => {
  const { outcome } = await withFault({ status: 400, headers: { 'x-should-retry': 'true', 'retry-after-ms': '1' } }, 2);
  assert.equal(outcome, 'answered');
});

await check('a dropped connection is asked again', async () => {
  const { outcome } = await withFault({ drop: true }, 2);
  assert.equal(outcome, 'answered');
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
