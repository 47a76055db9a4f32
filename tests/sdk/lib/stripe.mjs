// Stripe's official library and what its examiners share.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { control, origin } from './sandbox.mjs';

const sandbox = new URL(origin);
/** Stripe's own library, on its way to the sandbox. */
export const library = (key, more = {}) => new Stripe(key, {
  host: sandbox.hostname, port: sandbox.port, protocol: 'http', apiVersion: '2026-08-26.dahlia', maxNetworkRetries: 0, telemetry: false, ...more,
});

export const stripe = library('sk_test_examiner');

/** A call of Stripe's part of the control room. */
export const act = (path, body = {}) => control(`/_sandbox/stripe${path}`, body);

/** The error that a call must end with. */
export const refused = async (promise, type, more = {}) => {
  const error = await promise.then(() => assert.fail(`${type} was expected`), reason => reason);
  assert.ok(error instanceof Stripe.errors[type], `${type} was expected, not ${error.type}: ${error.message}`);
  for (const [name, value] of Object.entries(more)) assert.equal(error[name], value, `${type}.${name}`);
  return error;
};
