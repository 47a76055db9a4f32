// Twilio's own library examines the sandbox: text messages and their callbacks, one-time codes, errors.
import assert from 'node:assert/strict';
import { check, control } from './lib/sandbox.mjs';
import { client, isSigned, keys, later, listen, make, refused, until } from './lib/twilio.mjs';

const own = keys.phone_number;
const send = (to, more = {}) => client.messages.create({ to, from: own, body: 'Your code is 123456.', ...more });

await check('a message is queued, sent, delivered; it is read and listed', async () => {
  const made = await send('+15551230001');
  assert.equal(made.status, 'queued');
  assert.match(made.sid, /^SM[0-9a-f]{32}$/);
  assert.equal(made.price, null);
  await until(async () => { await later(1); return (await client.messages(made.sid).fetch()).status === 'delivered'; });
  const read = await client.messages(made.sid).fetch();
  assert.equal(read.price, '-0.00750');
  assert.ok(read.dateSent instanceof Date && !Number.isNaN(read.dateSent.getTime()));
  const [box] = await control(`/_sandbox/messages?to=${encodeURIComponent('+15551230001')}`);
  assert.deepEqual([box.channel, box.text], ['sms', 'Your code is 123456.']);
});

await check('lists are paged, newest first, by number and by day', async () => {
  for (let at = 0; at < 5; at++) await send('+15551230002', { body: `Message ${at}` });
  const bodies = (await client.messages.list({ to: '+15551230002', pageSize: 2 })).map(one => one.body);
  assert.deepEqual(bodies, ['Message 4', 'Message 3', 'Message 2', 'Message 1', 'Message 0']);
  assert.equal((await client.messages.list({ to: '+15550000000' })).length, 0);
  assert.ok((await client.messages.list({ dateSentAfter: new Date(Date.now() - 86_400_000) })).length > 0);
});

await check('callbacks are signed, in order, and pass the library\'s own check', async () => {
  const listener = await listen();
  const { seen } = listener;
  const address = `${listener.address}/sms?number=17&note=it%27s`;
  const made = await send('+15551230003', { statusCallback: address });
  await until(async () => { await later(1); return seen.length >= 2; });
  assert.deepEqual(seen.map(one => one.form.MessageStatus), ['sent', 'delivered']);
  for (const one of seen) {
    assert.equal(one.form.MessageSid, made.sid);
    assert.equal(one.url, '/sms?number=17&note=it%27s');
    assert.ok(isSigned(listener, one));
    assert.ok(!isSigned(listener, one, 'another token'));
  }
  await control('/_sandbox/twilio/deliveries', { to: '+15551230003', outcome: 'undelivered', error_code: 30005 });
  const lost = await send('+15551230003', { statusCallback: address });
  await until(async () => { await later(1); return seen.length >= 4; });
  assert.deepEqual([seen[3].form.MessageStatus, seen[3].form.ErrorCode], ['undelivered', '30005']);
  assert.equal((await client.messages(lost.sid).fetch()).errorCode, 30005);
  listener.close();
});

await check('what cannot be sent is refused with Twilio\'s codes', async () => {
  await refused(send('0555'), 400, 21211);
  for (const [to, code] of [['+15005550001', 21211], ['+15005550002', 21612], ['+15005550003', 21408], ['+15005550004', 21610], ['+15005550009', 21614]]) {
    await refused(send(to), 400, code);
  }
  for (const [from, code] of [['+15005550001', 21212], ['+15005550007', 21606], ['+15005550008', 21611]]) await refused(send('+15551230004', { from }), 400, code);
  await refused(client.messages.create({ to: '+15551230004', from: own }), 400, 21602);
  await refused(client.messages.create({ to: '+15551230004', body: 'Hello' }), 400, 21603);
  await refused(send('+15551230004', { body: 'x'.repeat(1601) }), 400, 21617);
  await refused(send('+15551230004', { maxPrice: 1 }), 400, 20001);
  await control('/_sandbox/twilio/opt-out', { number: '+15551230005' });
  await refused(send('+15551230005'), 400, 21610);
  await control('/_sandbox/twilio/trial', { verified: ['+15551230006'] });
  await refused(send('+15551230007'), 400, 21608);
  await send('+15551230006');
  await control('/_sandbox/twilio/trial', { on: false });
  await refused(make('wrong').messages.create({ to: '+15551230004', from: own, body: 'Hello' }), 401, 20003);
  await refused(client.messages(`SM${'0'.repeat(32)}`).fetch(), 404, 20404);
  await control('/_sandbox/faults', { provider: 'twilio', status: 429 });
  await refused(send('+15551230004'), 429, 20429);
});

await check('a message is emptied and deleted', async () => {
  const made = await send('+15551230008');
  await refused(client.messages(made.sid).remove(), 409, 20009);
  await until(async () => { await later(1); return (await client.messages(made.sid).fetch()).status === 'delivered'; });
  assert.equal((await client.messages(made.sid).update({ body: '' })).body, '');
  assert.ok(await client.messages(made.sid).remove());
  await refused(client.messages(made.sid).fetch(), 404, 20404);
});

const verify = () => client.verify.v2.services(keys.verify_service_sid);
const start = (to, channel = 'sms') => verify().verifications.create({ to, channel });
const attempt = (to, code) => verify().verificationChecks.create({ to, code });
const codeTo = async to => (await control(`/_sandbox/messages?to=${encodeURIComponent(to)}`))[0].text.match(/\d{6}/)[0];
const wrongFor = code => (code === '000000' ? '111111' : '000000');

await check('a code is sent, checked, and gone once it was right', async () => {
  const to = '+15551240001';
  const started = await start(to);
  assert.equal(started.status, 'pending');
  const code = await codeTo(to);
  const wrong = await attempt(to, wrongFor(code));
  assert.deepEqual([wrong.status, wrong.valid], ['pending', false]);
  assert.equal((await verify().verifications(started.sid).fetch()).status, 'pending');
  const right = await attempt(to, code);
  assert.deepEqual([right.status, right.valid, right.sid], ['approved', true, started.sid]);
  await refused(attempt(to, code), 404, 20404);
  await refused(verify().verifications(started.sid).fetch(), 404, 20404);
});

await check('asking again sends the same code, five times at most', async () => {
  const to = '+15551240002';
  const { sid } = await start(to);
  const code = await codeTo(to);
  for (let at = 2; at <= 5; at++) {
    const again = await start(to, at % 2 ? 'sms' : 'call');
    assert.equal(again.sid, sid);
    assert.equal(again.sendCodeAttempts.length, at);
    assert.equal(await codeTo(to), code);
  }
  await refused(start(to), 429, 60203);
  assert.equal((await verify().verifications(sid).update({ status: 'canceled' })).status, 'canceled');
  await refused(attempt(to, code), 404, 20404);
  assert.notEqual((await start(to)).sid, sid);
});

await check('five wrong codes are enough, and ten minutes', async () => {
  const to = '+15551240003';
  const { sid } = await start(to);
  const code = await codeTo(to);
  for (let at = 1; at <= 4; at++) assert.equal((await attempt(to, wrongFor(code))).status, 'pending');
  assert.equal((await attempt(to, wrongFor(code))).status, 'max_attempts_reached');
  await refused(verify().verificationChecks.create({ verificationSid: sid, code }), 429, 60202);
  await refused(start(to), 429, 60202);
  await later(600);
  await refused(attempt(to, code), 404, 20404);
  assert.notEqual((await start(to)).sid, sid);
  assert.equal((await attempt(to, await codeTo(to))).status, 'approved');
});

await check('what cannot be verified is refused', async () => {
  await refused(start('12'), 400, 60200);
  await refused(start('+15551240004', 'pigeon'), 400, 60200);
  await refused(start('+15005550009'), 400, 60205);
  await refused(client.verify.v2.services(`VA${'0'.repeat(32)}`).verifications.create({ to: '+15551240004', channel: 'sms' }), 404, 20404);
  assert.equal((await start('person@example.com', 'email')).channel, 'email');
});
