// OpenAI's own library talks aloud with a model through our server, and must not notice.
import assert from 'node:assert/strict';
import net from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { check } from '../lib/sandbox.mjs';

const { SERVER_URL, LEDGERLINE_KEY, POOR_KEY } = process.env;
const make = apiKey => new OpenAI({ apiKey, baseURL: `${SERVER_URL}/v1`, maxRetries: 0 });

/** Connects; the library always says wss, so the connection itself is made plain. */
function connect(apiKey = LEDGERLINE_KEY, model = 'gpt-realtime') {
  const realtime = new OpenAIRealtimeWS({ model, options: { createConnection: to => net.connect({ host: to.host, port: to.port }) } }, make(apiKey));
  const seen = [];
  let wake = () => {};
  realtime.on('event', event => { seen.push(event); wake(); });
  realtime.on('error', () => {});
  let from = 0;
  const until = async type => {
    const patience = AbortSignal.timeout(20_000);
    while (true) {
      const at = seen.findIndex((event, index) => index >= from && event.type === type);
      if (at >= 0) { from = at + 1; return seen[at]; }
      await new Promise((resolve, reject) => {
        wake = resolve;
        patience.addEventListener('abort', () => reject(new Error(`${type} did not come; seen: ${seen.map(event => event.type)}`)), { once: true });
      });
    }
  };
  return { realtime, seen, until, send: event => realtime.send(event) };
}

const failure = realtime => new Promise(resolve => realtime.on('error', resolve));

await check('a conversation: configured, greeted, answered, written down', async () => {
  const { realtime, seen, until, send } = connect();
  assert.equal((await until('session.created')).session.model, 'gpt-realtime');
  send({
    type: 'session.update',
    session: {
      type: 'realtime',
      instructions: 'Be kind.',
      audio: {
        input: { format: { type: 'audio/pcmu' }, turn_detection: null, transcription: { model: 'whisper-1' } },
        output: { format: { type: 'audio/pcmu' }, voice: 'coral' },
      },
    },
  });
  assert.equal((await until('session.updated')).session.audio.output.voice, 'coral');
  send({ type: 'response.create' });
  assert.equal((await until('response.done')).response.status, 'completed');
  assert.ok(Buffer.concat(seen.filter(event => event.type === 'response.output_audio.delta').map(event => Buffer.from(event.delta, 'base64'))).length > 0);
  send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(8000, 0x80).toString('base64') });
  send({ type: 'input_audio_buffer.commit' });
  await until('input_audio_buffer.committed');
  send({ type: 'response.create' });
  const done = await until('response.done');
  assert.ok(done.response.usage.input_token_details.audio_tokens > 0);
  realtime.close();
});

await check('a tool is called and answered', async () => {
  const { realtime, until, send } = connect();
  await until('session.created');
  send({ type: 'session.update', session: { type: 'realtime', tools: [{ type: 'function', name: 'book', description: 'Books.', parameters: { type: 'object', properties: {} } }] } });
  await until('session.updated');
  send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: '[use tool book {"day":"Tuesday"}]' }] } });
  send({ type: 'response.create' });
  const call = await until('response.function_call_arguments.done');
  await until('response.done');
  send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: call.call_id, output: 'Booked.' } });
  send({ type: 'response.create' });
  assert.equal((await until('response.done')).response.output[0].content[0].transcript, 'The tool answered: Booked.');
  realtime.close();
});

await check('what is refused here is an error as the library knows it, and the session goes on', async () => {
  const { realtime, until, send } = connect();
  await until('session.created');
  const failed = failure(realtime);
  send({ type: 'session.update', event_id: 'mine', session: { type: 'realtime', audio: { input: { transcription: { model: 'whisper-9' } } } } });
  const error = await failed;
  assert.deepEqual([error.error.code, error.error.param, error.error.event_id], ['invalid_value', 'session.audio.input.transcription.model', 'mine']);
  send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
  assert.equal((await until('session.updated')).session.instructions, 'Be brief.');
  realtime.close();
});

await check('no money, no key, no model: told at the handshake', async () => {
  assert.match((await failure(connect(POOR_KEY).realtime)).message, /402/);
  assert.match((await failure(connect('lk_wrong').realtime)).message, /401/);
  assert.match((await failure(connect(LEDGERLINE_KEY, 'gpt-whisper').realtime)).message, /404/);
});
