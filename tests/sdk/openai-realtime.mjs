// OpenAI's own library examines the sandbox's Realtime: a whole turn over its WebSocket class, tools, an error, client secrets, a control socket.
import assert from 'node:assert/strict';
import net from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { check, control, keysOf } from './lib/sandbox.mjs';

const { base_url, api_key } = await keysOf('openai');
const make = options => new OpenAI({ apiKey: api_key, baseURL: `${base_url}/v1`, maxRetries: 0, ...options });
const openai = make();

/** Connects; the library always says wss, so the connection itself is made plain. */
function connect(props = { model: 'gpt-realtime' }, client = openai) {
  const realtime = new OpenAIRealtimeWS({ ...props, options: { createConnection: to => net.connect({ host: to.host, port: to.port }) } }, client);
  const seen = [];
  const waiting = [];
  const settle = () => {
    for (const one of [...waiting]) {
      const at = seen.findIndex((event, index) => index >= one.from && event.type === one.type);
      if (at < 0) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(seen[at]);
    }
  };
  realtime.on('event', event => { seen.push(event); settle(); });
  realtime.on('error', () => {});
  let from = 0;
  const until = type => new Promise((resolve, reject) => {
    const one = { type, from, resolve: event => { clearTimeout(patience); from = seen.indexOf(event) + 1; resolve(event); } };
    const patience = setTimeout(() => reject(new Error(`${type} did not come; seen: ${seen.map(event => event.type)}`)), 10_000);
    waiting.push(one);
    settle();
  });
  return { realtime, seen, until, send: event => realtime.send(event) };
}

/** µ-law of a tone, in frames of 20 ms. */
function* frames(hz, seconds) {
  for (let frame = 0; frame < seconds * 50; frame++) {
    const bytes = Buffer.alloc(160, 0xff);
    if (hz) for (let at = 0; at < 160; at++) bytes[at] = mulaw(Math.round(9830 * Math.sin(2 * Math.PI * hz * (frame * 160 + at) / 8000)));
    yield bytes.toString('base64');
  }
}

function mulaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const value = Math.min(Math.abs(sample), 32635) + 0x84;
  let exponent = 7;
  for (let mask = 0x4000; !(value & mask) && exponent > 0; mask >>= 1) exponent--;
  return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f)) & 0xff;
}

const phone = (more = {}) => ({
  type: 'session.update',
  session: {
    type: 'realtime',
    instructions: 'Be kind.',
    audio: {
      input: { format: { type: 'audio/pcmu' }, turn_detection: { type: 'server_vad', silence_duration_ms: 300 }, transcription: { model: 'gpt-4o-mini-transcribe' } },
      output: { format: { type: 'audio/pcmu' }, voice: 'coral' },
    },
    ...more,
  },
});

await check('a whole turn: spoken, heard, answered, paid for, written down', async () => {
  const { realtime, seen, until, send } = connect();
  assert.equal((await until('session.created')).session.audio.input.format.type, 'audio/pcm');
  send(phone());
  assert.equal((await until('session.updated')).session.audio.output.voice, 'coral');
  for (const audio of frames(425, 1)) send({ type: 'input_audio_buffer.append', audio });
  for (const audio of frames(0, 0.5)) send({ type: 'input_audio_buffer.append', audio });
  const done = await until('response.done');
  assert.equal(done.response.status, 'completed');
  assert.equal(done.response.output[0].content[0].transcript, 'I heard a tone of 425 hertz for 1 seconds.');
  assert.equal(done.response.usage.output_token_details.audio_tokens, 20);
  const sound = Buffer.concat(seen.filter(event => event.type === 'response.output_audio.delta').map(event => Buffer.from(event.delta, 'base64')));
  assert.equal(sound.length, 8000);
  assert.equal((await until('conversation.item.input_audio_transcription.completed')).transcript, 'A tone of 425 hertz for 1 seconds.');
  realtime.close();
});

await check('a tool is called and answered', async () => {
  const { realtime, until, send } = connect();
  await until('session.created');
  send(phone({ tools: [{ type: 'function', name: 'book', description: 'Books.', parameters: { type: 'object', properties: {} } }] }));
  await until('session.updated');
  send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: '[use tool book {"day":"Tuesday"}]' }] } });
  send({ type: 'response.create' });
  const call = await until('response.function_call_arguments.done');
  assert.deepEqual([call.name, JSON.parse(call.arguments)], ['book', { day: 'Tuesday' }]);
  await until('response.done');
  send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: call.call_id, output: 'Booked.' } });
  send({ type: 'response.create' });
  assert.equal((await until('response.done')).response.output[0].content[0].transcript, 'The tool answered: Booked.');
  realtime.close();
});

await check('an error is an error to the library, and the session goes on', async () => {
  const { realtime, until, send } = connect();
  await until('session.created');
  const failed = new Promise(resolve => realtime.on('error', resolve));
  send({ type: 'session.update', session: { type: 'realtime', temperature: 0.8 } });
  const error = await failed;
  assert.deepEqual([error.error.code, error.error.param], ['unknown_parameter', 'session.temperature']);
  send(phone());
  await until('session.updated');
  realtime.close();
});

await check('a client secret opens a session that is configured', async () => {
  const secret = await openai.realtime.clientSecrets.create({ expires_after: { anchor: 'created_at', seconds: 60 }, session: { type: 'realtime', model: 'gpt-realtime', instructions: 'Be brief.' } });
  assert.match(secret.value, /^ek_/);
  assert.ok(secret.expires_at > 0);
  const { realtime, until } = connect({ model: 'gpt-realtime' }, make({ apiKey: secret.value }));
  assert.equal((await until('session.created')).session.instructions, 'Be brief.');
  realtime.close();
  await assert.rejects(openai.realtime.clientSecrets.create({ expires_after: { anchor: 'created_at', seconds: 1 } }), error => error instanceof OpenAI.BadRequestError && error.param === 'expires_after.seconds');
});

await check('a control socket counts what a call over WebRTC uses, and hangs it up', async () => {
  const form = new FormData();
  form.set('sdp', 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n');
  form.set('session', JSON.stringify({ type: 'realtime', model: 'gpt-realtime' }));
  const answer = await fetch(`${base_url}/v1/realtime/calls`, { method: 'POST', headers: { authorization: `Bearer ${api_key}` }, body: form });
  assert.equal(answer.status, 201);
  const callID = answer.headers.get('location').split('/').pop();
  assert.match(await answer.text(), /^v=0\r\n/);
  const { until } = connect({ callID });
  await until('session.created');
  await control(`/_sandbox/openai/realtime/sessions/${callID}/say`, { tone_hz: 500, seconds: 1 });
  assert.ok((await until('response.done')).response.usage.total_tokens > 0);
  await openai.realtime.calls.hangup(callID);
  await assert.rejects(openai.realtime.calls.hangup(callID), OpenAI.NotFoundError);
});

await check('a key that is wrong is told so at the handshake', async () => {
  const { realtime } = connect({ model: 'gpt-realtime' }, make({ apiKey: 'pk-wrong' }));
  const error = await new Promise(resolve => realtime.on('error', resolve));
  assert.match(error.message, /401/);
});
