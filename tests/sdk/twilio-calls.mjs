// Twilio's own library examines the sandbox's phone calls: dialling, instructions, callbacks, recordings, numbers.
import assert from 'node:assert/strict';
import twilio from 'twilio';
import { check, control } from './lib/sandbox.mjs';
import { client, isSigned, keys, later, listen, refused, until } from './lib/twilio.mjs';

const own = keys.phone_number;
const events = ['initiated', 'ringing', 'answered', 'completed'];
const to = '+15551261001';
const view = sid => control(`/_sandbox/twilio/calls/${sid}`);
const status = async sid => (await client.calls(sid).fetch()).status;
const dial = options => client.calls.create({ to, from: own, twiml: '<Response><Pause length="600"/></Response>', ...options });
const talking = async options => {
  const { sid } = await dial(options);
  await until(async () => (await status(sid)) === 'in-progress', 'the call');
  return sid;
};
await control('/_sandbox/twilio/dialling', { ring_seconds: 0, calls_per_second: 1000 });

await check('a call goes from queued to completed; it is read, listed, priced and deleted', async () => {
  const made = await dial({ timeLimit: 90, statusCallbackEvent: events });
  assert.equal(made.status, 'queued');
  assert.match(made.sid, /^CA[0-9a-f]{32}$/);
  assert.deepEqual([made.direction, made.price, made.duration, made.toFormatted], ['outbound-api', null, null, '(555) 126-1001']);
  await until(async () => (await status(made.sid)) === 'in-progress', 'the answer');
  assert.deepEqual((await client.calls.list({ status: 'in-progress', to })).map(call => call.sid), [made.sid]);
  await refused(client.calls(made.sid).remove(), 409, 20009);
  await later(100);
  await until(async () => (await status(made.sid)) === 'completed', 'the end');
  const ended = await client.calls(made.sid).fetch();
  assert.equal(ended.duration, '90');
  assert.ok(ended.startTime instanceof Date && ended.endTime >= ended.startTime);
  await until(async () => { await later(1); return (await client.calls(made.sid).fetch()).price !== null; }, 'the price');
  assert.deepEqual([(await client.calls(made.sid).fetch()).price, ended.priceUnit], ['-0.02800', 'USD']);
  const since = { startTimeAfter: new Date(ended.startTime.getTime() - 1000) };
  assert.ok((await client.calls.list({ ...since, pageSize: 1 })).some(call => call.sid === made.sid));
  assert.equal((await client.calls.list({ ...since, endTimeBefore: since.startTimeAfter })).length, 0);
  assert.ok(await client.calls(made.sid).remove());
  await refused(client.calls(made.sid).fetch(), 404, 20404);
});

await check('a call is changed, redirected and hung up', async () => {
  const sid = await talking();
  assert.equal((await client.calls(sid).update({ timeLimit: 900 })).sid, sid);
  await later(500);
  assert.equal(await status(sid), 'in-progress');
  await client.calls(sid).update({ twiml: '<Response><Say>Elsewhere.</Say><Pause length="600"/></Response>' });
  await until(async () => (await view(sid)).verbs.some(verb => verb.text === 'Elsewhere.'), 'the redirection');
  assert.equal((await client.calls(sid).update({ status: 'completed' })).status, 'completed');
  await refused(client.calls(sid).update({ status: 'completed' }), 400, 21220);
  await refused(client.calls(sid).update({ twiml: '<Response/>' }), 400, 21220);
  const ringing = await dial({ to: '+15551260002', timeout: 600 });
  assert.equal((await client.calls(ringing.sid).update({ status: 'canceled' })).status, 'canceled');
});

await check('what the library writes as instructions is carried out, and every request is signed', async () => {
  const response = new twilio.twiml.VoiceResponse();
  response.say({ voice: 'Google.en-US-Chirp3-HD-Aoede' }, 'Hello & <welcome>.');
  response.gather({ input: 'dtmf', numDigits: 2, action: '/digits', timeout: 60 }).say('Two digits, please.');
  const listener = await listen(({ url, form }) => {
    if (url.startsWith('/digits')) {
      const next = new twilio.twiml.VoiceResponse();
      next.say(`You pressed ${form.Digits}.`);
      next.connect().stream({ url: 'wss://127.0.0.1:1/media' }).parameter({ name: 'token', value: 'a&b' });
      next.hangup();
      return next.toString();
    }
    return url.startsWith('/voice') ? response.toString() : '';
  });
  const sid = await talking({ twiml: undefined, url: `${listener.address}/voice?call=17`, statusCallback: `${listener.address}/status?call=17`, statusCallbackEvent: events });
  await until(async () => (await view(sid)).verbs.length === 3, 'the question');
  await control(`/_sandbox/twilio/calls/${sid}/dtmf`, { digits: '42' });
  await until(async () => (await status(sid)) === 'completed', 'the end');
  assert.deepEqual(
    (await view(sid)).verbs.map(verb => [verb.verb, verb.text]),
    [['Say', 'Hello & <welcome>.'], ['Gather', null], ['Say', 'Two digits, please.'], ['Say', 'You pressed 42.'], ['Connect', 'wss://127.0.0.1:1/media'], ['Hangup', null]]);
  assert.deepEqual((await view(sid)).failures.map(failure => failure.code), [31920]);
  await until(() => listener.seen.length === 6, 'the last callback');
  for (const one of listener.seen) {
    assert.equal(one.form.CallSid, sid);
    assert.ok(isSigned(listener, one), one.url);
    assert.ok(!isSigned(listener, one, 'another token'));
  }
  const told = listener.seen.filter(one => one.url.startsWith('/status'));
  assert.deepEqual(told.map(one => one.form.CallStatus), ['initiated', 'ringing', 'in-progress', 'completed']);
  assert.deepEqual(told.map(one => one.form.SequenceNumber), ['0', '1', '2', '3']);
  listener.close();
});

await check('numbers that are busy, silent, wrong or a machine', async () => {
  for (const [ending, end] of [['0001', 'busy'], ['0002', 'no-answer'], ['0004', 'failed']]) {
    const { sid } = await dial({ to: `+1555126${ending}`, timeout: 5 });
    await until(async () => { await later(2); return (await status(sid)) === end; }, end);
    assert.equal((await client.calls(sid).fetch()).duration, null);
  }
  const machine = await talking({ to: '+15551260003', machineDetection: 'Enable', asyncAmd: 'true' });
  await until(async () => { await later(1); return (await client.calls(machine).fetch()).answeredBy === 'machine_start'; }, 'the detection');
});

await check('what cannot be dialled is refused with Twilio\'s codes', async () => {
  await refused(dial({ to: '0555' }), 400, 21211);
  for (const [number, code] of [['+15005550001', 21217], ['+15005550002', 21214], ['+15005550003', 21215], ['+15005550004', 21216]]) await refused(dial({ to: number }), 400, code);
  await refused(dial({ from: '+15005550001' }), 400, 21212);
  await refused(dial({ from: '+15551230000' }), 400, 21210);
  await refused(dial({ twiml: undefined }), 400, 21205);
  await refused(dial({ twiml: undefined, url: 'nowhere' }), 400, 21205);
  await refused(dial({ sendDigits: 'x' }), 400, 21206);
  await refused(dial({ statusCallback: 'http://127.0.0.1:1', statusCallbackEvent: ['begun'] }), 400, 21626);
  await refused(dial({ timeLimit: 0 }), 400, 20001);
  await refused(dial({ byoc: 'BY0123456789abcdef0123456789abcdef' }), 400, 20001);
  await refused(client.calls(`CA${'0'.repeat(32)}`).update({ status: 'completed' }), 404, 20404);
});

await check('a call is recorded, in two channels, and its recording is told, fetched and deleted', async () => {
  const listener = await listen();
  const sid = await talking({ twiml: '<Response><Pause length="600"/></Response>' });
  const made = await client.calls(sid).recordings.create({
    recordingChannels: 'dual', recordingStatusCallback: `${listener.address}/recording`, recordingStatusCallbackEvent: ['in-progress', 'completed', 'absent'],
  });
  assert.deepEqual([made.status, made.channels, made.source, made.callSid], ['in-progress', 2, 'StartCallRecordingAPI', sid]);
  assert.equal((await client.calls(sid).recordings('Twilio.CURRENT').update({ status: 'paused', pauseBehavior: 'skip' })).status, 'paused');
  assert.equal((await client.calls(sid).recordings(made.sid).update({ status: 'in-progress' })).status, 'in-progress');
  await refused(client.recordings(made.sid).remove(), 409, 20009);
  await client.calls(sid).update({ status: 'completed' });
  await until(async () => { await later(1); return (await client.recordings(made.sid).fetch()).status === 'absent'; }, 'the recording of a call without a stream');
  await until(() => listener.seen.length === 2, 'its callbacks');
  assert.deepEqual(listener.seen.map(one => one.form.RecordingStatus), ['in-progress', 'absent']);
  assert.ok(listener.seen.every(one => isSigned(listener, one) && one.form.RecordingSid === made.sid && one.form.CallSid === sid));
  assert.deepEqual((await client.recordings.list({ callSid: sid })).map(one => one.sid), [made.sid]);
  assert.deepEqual((await client.calls(sid).recordings.list()).map(one => one.sid), [made.sid]);
  assert.ok(await client.recordings(made.sid).remove());
  await refused(client.recordings(made.sid).fetch(), 404, 20404);
  await refused(client.calls(sid).recordings.create({}), 400, 21220);
  listener.close();
});

await check('a number is found, bought, pointed at us, called and released', async () => {
  const [first] = await client.availablePhoneNumbers('US').local.list({ areaCode: 801, voiceEnabled: true, limit: 5 });
  assert.deepEqual([first.locality, first.region, first.capabilities.voice], ['Salt Lake City', 'UT', true]);
  const bought = await client.incomingPhoneNumbers.create({ phoneNumber: first.phoneNumber, friendlyName: 'Support' });
  assert.match(bought.sid, /^PN[0-9a-f]{32}$/);
  await refused(client.incomingPhoneNumbers.create({ phoneNumber: first.phoneNumber }), 400, 21422);
  await refused(client.incomingPhoneNumbers.create({ phoneNumber: '12' }), 400, 21421);
  await refused(client.incomingPhoneNumbers.create({ areaCode: '999' }), 400, 21452);
  assert.ok(!(await client.availablePhoneNumbers('US').local.list({ areaCode: 801 })).some(one => one.phoneNumber === first.phoneNumber));
  const listener = await listen(() => new twilio.twiml.VoiceResponse().toString());
  const pointed = await client.incomingPhoneNumbers(bought.sid).update({ voiceUrl: `${listener.address}/incoming`, statusCallback: `${listener.address}/status` });
  assert.deepEqual([pointed.voiceUrl, pointed.voiceMethod, pointed.friendlyName], [`${listener.address}/incoming`, 'POST', 'Support']);
  assert.deepEqual((await client.incomingPhoneNumbers.list({ phoneNumber: first.phoneNumber })).map(one => one.sid), [bought.sid]);
  const { sid } = await control('/_sandbox/twilio/incoming', { from: '+15551261234', to: first.phoneNumber });
  await until(() => listener.seen.length === 2, 'the call and its end');
  assert.deepEqual(listener.seen.map(one => [one.url, one.form.CallSid, one.form.CallStatus, one.form.From]),
    [['/incoming', sid, 'ringing', '+15551261234'], ['/status', sid, 'completed', '+15551261234']]);
  assert.ok(listener.seen.every(one => isSigned(listener, one)));
  assert.equal((await client.calls(sid).fetch()).phoneNumberSid, bought.sid);
  assert.equal((await client.messages.create({ to, from: first.phoneNumber, body: 'From the new number' })).status, 'queued');
  assert.ok(await client.incomingPhoneNumbers(bought.sid).remove());
  await refused(client.incomingPhoneNumbers(bought.sid).fetch(), 404, 20404);
  listener.close();
});

await check('the account and its balance', async () => {
  const account = await client.api.v2010.accounts(keys.account_sid).fetch();
  assert.deepEqual([account.status, account.type, account.sid], ['active', 'Full', keys.account_sid]);
  const balance = await client.balance.fetch();
  assert.equal(balance.currency, 'USD');
  assert.ok(Number(balance.balance) > 0 && Number(balance.balance) < 100);
});
