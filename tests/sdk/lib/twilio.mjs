// Twilio's library, made to ask the sandbox; and a small server that stands where ours would.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import twilio from 'twilio';
import { control, keysOf, origin } from './sandbox.mjs';

export const keys = await keysOf('twilio');
assert.ok(keys.base_url.startsWith(origin));
const bases = { api: keys.base_url, verify: keys.verify_base_url };

/** Twilio's library knows no base address: its requests are sent on from here. */
class Local extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace(/^https:\/\/([a-z]+)\.twilio\.com/, (_, host) => bases[host]) });
  }
}

export const make = token => twilio(keys.account_sid, token, { httpClient: new Local() });
export const client = make(keys.auth_token);

export async function refused(promise, status, code) {
  const error = await promise.then(() => assert.fail(`${code} was expected`), reason => reason);
  assert.deepEqual([error.status, error.code], [status, code], error.message);
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
}

export const later = seconds => control('/_sandbox/clock', { advance_seconds: seconds });

export async function until(happened, what = 'it') {
  const deadline = performance.now() + 20_000;
  while (!(await happened())) {
    assert.ok(performance.now() < deadline, `${what} has not happened`);
    await new Promise(setImmediate);
  }
}

/** Takes what Twilio sends: keeps it with its signature, answers what `answer` says, as XML. */
export async function listen(answer = () => '') {
  const seen = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', part => { body += part; });
    request.on('end', () => {
      const one = { signature: request.headers['x-twilio-signature'], form: Object.fromEntries(new URLSearchParams(body)), url: request.url };
      seen.push(one);
      response.setHeader('content-type', 'text/xml');
      response.end(answer(one));
    });
  });
  await new Promise(ready => { server.listen(0, '127.0.0.1', ready); });
  return { seen, address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Whether the library takes a request for Twilio's own. */
export const isSigned = (listener, one, token = keys.auth_token) => twilio.validateRequest(token, one.signature, listener.address + one.url, one.form);
