// Stripe's own library examines the sandbox: a credit pack from the session to the refund, cards, lists, mistakes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import Stripe from 'stripe';
import { check, control } from './lib/sandbox.mjs';
import { act, library, refused, stripe } from './lib/stripe.mjs';

const received = [];
const listener = createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    received.push({ body: Buffer.concat(parts), signature: request.headers['stripe-signature'] });
    response.end();
  });
}).listen(0, '127.0.0.1');
await once(listener, 'listening');
const arrived = async type => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = received.find(one => JSON.parse(one.body).type === type);
    if (found) return found;
    assert.ok(Date.now() < deadline, `no ${type} arrived in 20 s; ${received.map(one => JSON.parse(one.body).type)}`);
    await new Promise(next => setTimeout(next, 20));
  }
};

await check('a credit pack is sold, told and given back', async () => {
  const endpoint = await stripe.webhookEndpoints.create({
    url: `http://127.0.0.1:${listener.address().port}/`, enabled_events: ['checkout.session.completed', 'charge.refunded', 'refund.failed'], api_version: '2026-08-26.dahlia',
  });
  const customer = await stripe.customers.create({ email: 'anna@example.com', metadata: { account_id: '12' } });
  const session = await stripe.checkout.sessions.create({
    mode: 'payment', customer: customer.id, client_reference_id: 'order-1', metadata: { order_id: 'order-1' },
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1499, product_data: { name: 'Pro Pack', description: '2000 credits' } } }],
    payment_intent_data: { setup_future_usage: 'off_session', metadata: { order_id: 'order-1' } },
    success_url: 'https://shop.example/back?session_id={CHECKOUT_SESSION_ID}', cancel_url: 'https://shop.example/',
  }, { idempotencyKey: 'checkout:order-1' });
  assert.equal(session.lastResponse.statusCode, 200);
  assert.equal(session.lastResponse.apiVersion, '2026-08-26.dahlia');
  assert.match(session.lastResponse.requestId, /^req_/);
  assert.equal(session.payment_status, 'unpaid');
  assert.equal((await fetch(session.url)).status, 200);

  const paid = await act(`/checkout/${session.id}`, { card: '4242424242424242' });
  assert.equal(paid.redirect_url, `https://shop.example/back?session_id=${session.id}`);
  const now = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge', 'line_items', 'customer'] });
  assert.equal(now.payment_status, 'paid');
  assert.equal(now.payment_intent.latest_charge.amount_captured, 1499);
  assert.equal(now.line_items.data[0].description, 'Pro Pack');
  assert.equal(now.customer.email, 'anna@example.com');

  const { body, signature } = await arrived('checkout.session.completed');
  const event = stripe.webhooks.constructEvent(body, signature, endpoint.secret, 300, undefined, Date.now());
  assert.equal(event.data.object.id, session.id);
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'), Stripe.errors.StripeSignatureVerificationError);
  assert.throws(() => stripe.webhooks.constructEvent(body + ' ', signature, endpoint.secret), Stripe.errors.StripeSignatureVerificationError);
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, endpoint.secret, 300, undefined, Date.now() + 400_000), Stripe.errors.StripeSignatureVerificationError);

  const refund = await stripe.refunds.create({ payment_intent: now.payment_intent.id, amount: 499, reason: 'requested_by_customer' });
  assert.equal(refund.status, 'succeeded');
  const told = await arrived('charge.refunded');
  assert.equal(stripe.webhooks.constructEvent(told.body, told.signature, endpoint.secret).data.object.amount_refunded, 499);
  await act(`/refunds/${refund.id}/fail`);
  await arrived('refund.failed');
  assert.equal((await stripe.refunds.retrieve(refund.id)).status, 'failed');
  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
});

await check('lists are paged by themselves', async () => {
  const names = Array.from({ length: 23 }, (_, at) => `page-${at}`);
  for (const name of names) await stripe.customers.create({ name, email: 'pages@example.com' });
  const found = [];
  for await (const customer of stripe.customers.list({ email: 'pages@example.com', limit: 5 })) found.push(customer.name);
  assert.deepEqual(found, names.toReversed());
  const newest = await stripe.customers.list({ email: 'pages@example.com', limit: 5 });
  const backwards = [];
  for await (const customer of stripe.customers.list({ email: 'pages@example.com', limit: 2, ending_before: newest.data[4].id })) backwards.push(customer.name);
  assert.deepEqual(backwards, ['page-19', 'page-20', 'page-21', 'page-22']);
  const all = await stripe.events.list({ types: ['customer.created'] }).autoPagingToArray({ limit: 100 });
  assert.ok(all.length >= 23);
});

await check('cards pay, decline and ask', async () => {
  const customer = await stripe.customers.create();
  const charge = (payment_method, more = {}, options = {}) => stripe.paymentIntents.create(
    { amount: 2000, currency: 'usd', payment_method, payment_method_types: ['card'], confirm: true, ...more }, options);
  assert.equal((await charge('pm_card_visa')).status, 'succeeded');
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const recharge = await charge(method.id, { customer: customer.id, off_session: true, error_on_requires_action: true, metadata: { recharge_id: 'r-1' } }, { idempotencyKey: 'recharge:r-1' });
  assert.equal(recharge.status, 'succeeded');

  const declined = await refused(charge('pm_card_chargeDeclined'), 'StripeCardError', { code: 'card_declined', decline_code: 'generic_decline', statusCode: 402 });
  assert.equal(declined.payment_intent.status, 'requires_payment_method');
  assert.equal((await stripe.paymentIntents.confirm(declined.payment_intent.id, { payment_method: 'pm_card_visa' })).id, declined.payment_intent.id);
  await refused(charge('pm_card_visa_chargeDeclinedInsufficientFunds'), 'StripeCardError', { decline_code: 'insufficient_funds' });
  const asking = await stripe.paymentMethods.create({ type: 'card', card: { number: '4000002500003155', exp_month: 12, exp_year: 2034, cvc: '123' } });
  await stripe.paymentMethods.attach(asking.id, { customer: customer.id });
  await refused(charge(asking.id, { customer: customer.id, off_session: true }), 'StripeCardError', { code: 'authentication_required' });
  const action = await charge(asking.id, { customer: customer.id, return_url: 'https://shop.example/' });
  assert.equal(action.status, 'requires_action');
  await act(`/payment_intents/${action.id}/authenticate`, { outcome: 'succeeded' });
  assert.equal((await stripe.paymentIntents.retrieve(action.id)).status, 'succeeded');

  const later = await stripe.customers.create();
  const fails = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: later.id });
  await refused(charge(fails.id, { customer: later.id, off_session: true }), 'StripeCardError');
  assert.equal((await stripe.customers.listPaymentMethods(later.id, { type: 'card' })).data.length, 1);

  const setup = await stripe.setupIntents.create({ customer: later.id, payment_method: 'pm_card_mastercard', confirm: true, automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
  assert.equal(setup.status, 'succeeded');
  const held = await charge('pm_card_visa', { capture_method: 'manual' });
  assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 })).amount_received, 500);
  assert.equal((await stripe.paymentIntents.cancel((await stripe.paymentIntents.create({ amount: 500, currency: 'usd' })).id)).status, 'canceled');
});

await check('mistakes have their classes', async () => {
  await refused(stripe.customers.retrieve('cus_none'), 'StripeInvalidRequestError', { code: 'resource_missing', statusCode: 404, param: 'id' });
  await refused(stripe.customers.create({ emial: 'x' }), 'StripeInvalidRequestError', { code: 'parameter_unknown', param: 'emial' });
  await refused(stripe.paymentIntents.create({ amount: 500 }), 'StripeInvalidRequestError', { code: 'parameter_missing', param: 'currency' });
  await refused(library('sk_live_never').customers.list(), 'StripeAuthenticationError', { statusCode: 401 });
  await refused(library('nonsense').customers.list(), 'StripeAuthenticationError');
  const first = await stripe.customers.create({ name: 'once' }, { idempotencyKey: 'one-key' });
  const again = await stripe.customers.create({ name: 'once' }, { idempotencyKey: 'one-key' });
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  await refused(stripe.customers.create({ name: 'twice' }, { idempotencyKey: 'one-key' }), 'StripeIdempotencyError', { statusCode: 400 });
});

await check('a lost answer is fetched again with the same key', async () => {
  await control('/_sandbox/faults', { provider: 'stripe', path: '/v1/products', method: 'POST', drop: true, when: 'after' });
  const product = await library('sk_test_examiner', { maxNetworkRetries: 2 }).products.create({ name: 'Only one' });
  assert.equal(product.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal((await stripe.products.list()).data.filter(one => one.name === 'Only one').length, 1);
});

await check('a catalogue is kept by lookup keys', async () => {
  const product = await stripe.products.create({ name: 'Pro', default_price_data: { currency: 'usd', unit_amount: 900 } });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 999, lookup_key: 'pro', metadata: { credits: '2000' } });
  assert.equal((await stripe.prices.list({ lookup_keys: ['pro'], expand: ['data.product'] })).data[0].product.name, 'Pro');
  const session = await stripe.checkout.sessions.create({ mode: 'payment', line_items: [{ price: price.id, quantity: 2 }], success_url: 'app://done' });
  assert.equal(session.amount_total, 1998);
  assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data[0].quantity, 2);
  assert.equal((await stripe.checkout.sessions.expire(session.id)).status, 'expired');
});

await check('a dispute takes the money', async () => {
  const paid = await stripe.paymentIntents.create({ amount: 2000, currency: 'usd', payment_method: 'pm_card_createDispute', payment_method_types: ['card'], confirm: true, expand: ['latest_charge'] });
  const dispute = (await stripe.events.list({ type: 'charge.dispute.created' })).data[0].data.object;
  assert.equal(dispute.status, 'needs_response');
  assert.equal(dispute.payment_intent, paid.id);
  assert.equal((await stripe.charges.retrieve(paid.latest_charge.id)).disputed, true);
  await refused(stripe.refunds.create({ payment_intent: paid.id }), 'StripeInvalidRequestError', { code: 'charge_disputed' });
  await act(`/disputes/${dispute.id}/close`, { outcome: 'won' });
  assert.equal((await stripe.events.list({ types: ['charge.dispute.closed'] })).data[0].data.object.status, 'won');
});

listener.close();
listener.closeAllConnections();
