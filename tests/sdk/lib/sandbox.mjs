// What every examiner needs: the sandbox's address, its control room, and one printed line a check.
import assert from 'node:assert/strict';

if (!process.env.SANDBOX_URL) {
  console.error('Set SANDBOX_URL to the address of a running sandbox.');
  process.exit(2);
}

export const origin = process.env.SANDBOX_URL.replace(/\/$/, '');

/** Runs one check and prints its line; the first that fails ends the examination. */
export async function check(name, body) {
  try {
    await body();
    console.log(`ok      ${name}`);
  } catch (failure) {
    console.log(`FAILED  ${name}\n${failure.stack ?? failure}`);
    process.exit(1);
  }
}

/** Asks the control room; a body makes it a POST. */
export async function control(path, body) {
  const answer = await fetch(origin + path, body === undefined
    ? {}
    : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path} answered ${answer.status}: ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** What the sandbox says it plays this provider with. */
export const keysOf = async provider => (await control('/_sandbox/providers'))[provider];

/** The requests to a path so far, oldest first; a request is written down just after its answer has left, so wait for the last. */
export async function requests(provider, path, atLeast) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const seen = (await control(`/_sandbox/requests?provider=${provider}&limit=200`)).filter(one => one.path === path).reverse();
    if (seen.length >= atLeast) return seen;
    assert.ok(performance.now() < deadline, `${provider} ${path} was asked ${seen.length} times, not ${atLeast}`);
  }
}

/** A WAV of silence (16 kHz, mono) that carries the text the sandbox will read from it. */
export function wav(seconds, text) {
  const comment = Buffer.from(text + '\0'.repeat(2 - (text.length % 2)));
  const list = chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk('ICMT', comment)]));
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(16_000, 4);
  format.writeUInt32LE(32_000, 8);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(16, 14);
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), list, chunk('data', Buffer.alloc(Math.round(seconds * 16_000) * 2))]));
}

function chunk(name, bytes) {
  const head = Buffer.alloc(8);
  head.write(name);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}
