// Stripe's own library examines the sandbox: a credit pack from the session to the refund, cards, lists, mistakes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import Stripe from 'stripe';
import { check, control, origin } from './lib/sandbox.mjs';

const sandbox = new URL(origin);
const library = (key, more = {}) => new Stripe(key, {
  host: sandbox.hostname, port: sandbox.port, protocol: 'http', apiVersion: '2026-08-26.dahlia', maxNetworkRetries: 0, telemetry: false, ...more,
});
const stripe = library('sk_test_examiner');
const act = (path, body = {}) => control(`/_sandbox/stripe${path}`, body);
const refused = async (promise, type, more = {}) => {
  const error = await promise.then(() => assert.fail(`${type} was expected`), reason => reason);
  assert.ok(error instanceof Stripe.errors[type], `${type} was expected, not ${error.type}: ${error.message}`);
  for (const [name, value] of Object.entries(more)) assert.equal(error[name], value, `${type}.${name}`);
  return error;
};

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

const advance = seconds => control('/_sandbox/clock', { advance_seconds: seconds });
const now = async () => Math.floor(Date.parse((await (await fetch(`${origin}/_sandbox/clock`)).json()).now) / 1000);
const DAY = 86_400;
const plans = await (async () => {
  const made = {};
  for (const [name, unit_amount] of [['Basic', 1000], ['Premium', 3000]]) {
    const product = await stripe.products.create({ name });
    made[name] = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount, recurring: { interval: 'month' }, lookup_key: name.toLowerCase() });
  }
  return made;
})();
const subscriber = async (card = 'pm_card_visa') => {
  const customer = await stripe.customers.create({ email: `${Math.random().toString(36).slice(2)}@example.com` });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
};

await check('a subscription begins with its first payment', async () => {
  const customer = await stripe.customers.create({ email: 'sub@example.com' });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: plans.Basic.id }], payment_behavior: 'default_incomplete', metadata: { account_id: '7' },
    payment_settings: { save_default_payment_method: 'on_subscription' }, billing_mode: { type: 'classic' },
    expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments'],
  });
  assert.equal(subscription.status, 'incomplete');
  const invoice = subscription.latest_invoice;
  const intent = await stripe.paymentIntents.retrieve(invoice.payments.data[0].payment.payment_intent);
  assert.equal(invoice.confirmation_secret.client_secret, intent.client_secret);
  assert.equal(invoice.billing_reason, 'subscription_create');
  assert.equal(invoice.parent.subscription_details.subscription, subscription.id);
  assert.equal(invoice.parent.subscription_details.metadata.account_id, '7');

  await refused(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_chargeDeclined' }), 'StripeCardError', { code: 'card_declined' });
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'incomplete');
  const asked = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_authenticationRequiredOnSetup' });
  assert.equal(asked.status, 'requires_action');
  await act(`/payment_intents/${intent.id}/authenticate`, { outcome: 'succeeded' });

  const active = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice', 'default_payment_method'] });
  assert.equal(active.status, 'active');
  assert.equal(active.latest_invoice.status, 'paid');
  assert.equal(active.latest_invoice.amount_paid, 1000);
  assert.equal(active.default_payment_method.card.last4, '3155');
  const payments = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent.id } });
  assert.equal(payments.data[0].invoice, invoice.id);
  const told = (await stripe.events.list({ limit: 100 })).data.map(event => event.type).reverse();
  for (const type of ['invoice.payment_action_required', 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid', 'customer.subscription.created', 'customer.subscription.updated']) {
    assert.ok(told.includes(type), `${type} was not told`);
  }

  // A card that was set up with the customer present pays by itself.
  await advance(32 * DAY);
  const renewed = (await stripe.invoices.list({ subscription: subscription.id })).data[0];
  assert.equal(renewed.billing_reason, 'subscription_cycle');
  assert.equal(renewed.status, 'paid');
  assert.equal((await stripe.subscriptions.cancel(subscription.id, { cancellation_details: { comment: 'enough' } })).status, 'canceled');
  await refused(stripe.subscriptions.cancel(subscription.id), 'StripeInvalidRequestError', { code: 'resource_missing', statusCode: 404 });
});

await check('a preview and the change agree to the cent', async () => {
  const customer = await subscriber();
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }] });
  assert.equal(subscription.status, 'active');
  const item = subscription.items.data[0];
  assert.equal(item.current_period_start, subscription.billing_cycle_anchor);
  await advance(10 * DAY + 12_345);
  const proration_date = await now();
  const change = { items: [{ id: item.id, price: plans.Premium.id }], proration_behavior: 'always_invoice', proration_date };
  const preview = await stripe.invoices.createPreview({ customer: customer.id, subscription: subscription.id, subscription_details: change });
  assert.equal(preview.lines.data.length, 2);
  assert.ok(preview.lines.data.every(line => line.parent.subscription_item_details.proration));
  assert.equal(preview.subtotal, preview.lines.data.reduce((sum, line) => sum + line.amount, 0));
  const left = item.current_period_end - proration_date, whole = item.current_period_end - item.current_period_start;
  assert.deepEqual(preview.lines.data.map(line => line.amount), [-Math.round(1000 * left / whole), Math.round(3000 * left / whole)]);

  const changed = await stripe.subscriptions.update(subscription.id, { ...change, expand: ['latest_invoice'] });
  assert.equal(changed.items.data[0].price.id, plans.Premium.id);
  assert.equal(changed.latest_invoice.amount_paid, preview.amount_due);
  assert.equal(changed.latest_invoice.billing_reason, 'subscription_update');
  assert.deepEqual(changed.latest_invoice.lines.data.map(line => line.amount), preview.lines.data.map(line => line.amount));

  // Downwards: the credit waits for the next invoice, or becomes the customer's balance at once.
  const down = await stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, price: plans.Basic.id }], proration_behavior: 'always_invoice', expand: ['latest_invoice', 'customer'] });
  assert.ok(down.latest_invoice.total < 0);
  assert.equal(down.latest_invoice.status, 'paid');
  assert.equal(down.customer.balance, down.latest_invoice.total);
  const balance = await stripe.customers.listBalanceTransactions(customer.id);
  assert.equal(balance.data[0].amount, down.latest_invoice.total);
  assert.equal((await stripe.invoices.createPreview({ customer: customer.id, subscription: subscription.id })).total, 1000);
  await refused(stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: { proration_date: 5, items: [{ id: item.id, quantity: 2 }] } }), 'StripeInvalidRequestError');
});

await check('a subscription is ended, kept and resumed', async () => {
  const customer = await subscriber();
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }] }, { idempotencyKey: `sub:${customer.id}` });
  assert.equal((await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }] }, { idempotencyKey: `sub:${customer.id}` })).id, subscription.id);
  await refused(stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Premium.id }] }, { idempotencyKey: `sub:${customer.id}` }), 'StripeIdempotencyError');
  const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  assert.equal(ending.cancel_at, ending.items.data[0].current_period_end);
  const kept = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  assert.equal(kept.cancel_at, null);
  await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await advance(32 * DAY);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'canceled');
  assert.equal((await stripe.invoices.list({ subscription: subscription.id })).data.length, 1);

  const other = await stripe.customers.create();
  const trial = await stripe.subscriptions.create({
    customer: other.id, items: [{ price: plans.Basic.id }], trial_period_days: 7, trial_settings: { end_behavior: { missing_payment_method: 'pause' } }, expand: ['pending_setup_intent', 'latest_invoice'],
  });
  assert.equal(trial.status, 'trialing');
  assert.equal(trial.latest_invoice.amount_paid, 0);
  assert.equal(trial.pending_setup_intent.status, 'requires_payment_method');
  await advance(8 * DAY);
  assert.equal((await stripe.subscriptions.retrieve(trial.id)).status, 'paused');
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: other.id });
  await stripe.customers.update(other.id, { invoice_settings: { default_payment_method: method.id } });
  const resumed = await stripe.subscriptions.resume(trial.id);
  assert.equal(resumed.status, 'active');
  const types = (await stripe.events.list({ limit: 100 })).data.map(event => event.type);
  for (const type of ['customer.subscription.trial_will_end', 'customer.subscription.paused', 'customer.subscription.resumed']) assert.ok(types.includes(type), type);
});

await check('coupons and codes make it cheaper', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'repeating', duration_in_months: 2, name: 'Spring' });
  const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'SPRING25', max_redemptions: 1 });
  assert.equal((await stripe.promotionCodes.list({ code: 'spring25', active: true })).data[0].id, code.id);
  const customer = await subscriber();
  const preview = await stripe.invoices.createPreview({ customer: customer.id, subscription_details: { items: [{ price: plans.Basic.id }] }, discounts: [{ promotion_code: code.id }] });
  assert.equal(preview.total, 750);
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }], discounts: [{ promotion_code: code.id }], expand: ['discounts.source.coupon', 'latest_invoice'] });
  assert.equal(subscription.discounts[0].source.coupon.percent_off, 25);
  assert.equal(subscription.latest_invoice.total, 750);
  assert.equal(subscription.latest_invoice.total_discount_amounts[0].amount, 250);
  await refused(stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }], discounts: [{ promotion_code: code.id }] }), 'StripeInvalidRequestError');
  await advance(100 * DAY);
  const totals = [];
  for await (const invoice of stripe.invoices.list({ customer: customer.id, limit: 2 })) totals.push(invoice.total);
  assert.deepEqual(totals, [1000, 1000, 750, 750]);
  await refused(stripe.coupons.create({ duration: 'once' }), 'StripeInvalidRequestError', { code: 'parameter_missing' });
  const once = await stripe.coupons.create({ amount_off: 300, currency: 'usd', duration: 'once' });
  const second = await subscriber();
  const cheap = await stripe.subscriptions.create({ customer: second.id, items: [{ price: plans.Basic.id }], discounts: [{ coupon: once.id }], expand: ['latest_invoice'] });
  assert.equal(cheap.latest_invoice.amount_paid, 700);
  assert.deepEqual((await stripe.subscriptions.retrieve(cheap.id)).discounts, []);
});

await check('a renewal that fails is tried again', async () => {
  const customer = await subscriber();
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.Basic.id }] });
  const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: failing.id } });
  await advance(32 * DAY);
  const late = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  assert.equal(late.status, 'past_due');
  assert.equal(late.latest_invoice.status, 'open');
  assert.ok(late.latest_invoice.attempt_count >= 1 && late.latest_invoice.next_payment_attempt > 0);
  await refused(stripe.invoices.pay(late.latest_invoice.id), 'StripeCardError');
  const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  assert.equal((await stripe.invoices.pay(late.latest_invoice.id, { payment_method: good.id })).status, 'paid');
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, 'active');
  await advance(45 * DAY);
  const over = await stripe.subscriptions.retrieve(subscription.id);
  assert.equal(over.status, 'canceled');
  assert.equal(over.cancellation_details.reason, 'payment_failed');
});

await check('usage is metered and billed', async () => {
  const meter = await stripe.billing.meters.create({
    display_name: 'API calls', event_name: 'api_calls', default_aggregation: { formula: 'sum' },
    customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' }, value_settings: { event_payload_key: 'value' },
  });
  const product = await stripe.products.create({ name: 'API' });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount_decimal: '0.35', recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } });
  assert.equal(price.unit_amount, null);
  await refused(stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered' } }), 'StripeInvalidRequestError', { param: 'recurring[meter]' });
  const customer = await subscriber();
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const report = (value, identifier) => stripe.billing.meterEvents.create({ event_name: 'api_calls', payload: { stripe_customer_id: customer.id, value: `${value}` }, identifier });
  await report(1000, 'use-1');
  await refused(report(1000, 'use-1'), 'StripeInvalidRequestError');
  await report(501, 'use-2');
  await report(7, 'use-3');
  await stripe.billing.meterEventAdjustments.create({ event_name: 'api_calls', type: 'cancel', cancel: { identifier: 'use-3' } });
  const minute = Math.floor(await now() / 60) * 60;
  const summary = await stripe.billing.meters.listEventSummaries(meter.id, { customer: customer.id, start_time: minute - 3600, end_time: minute + 3600 });
  assert.equal(summary.data[0].aggregated_value, 1501);
  assert.equal((await stripe.invoices.createPreview({ subscription: subscription.id })).total, 525);
  await advance(32 * DAY);
  const invoice = (await stripe.invoices.list({ customer: customer.id })).data[0];
  assert.equal(invoice.total, 525);
  assert.equal(invoice.lines.data[0].quantity, 1501);
  await refused(stripe.billing.meterEvents.create({ event_name: 'api_calls', payload: { stripe_customer_id: customer.id, value: '1' }, timestamp: (await now()) - 36 * DAY }), 'StripeInvalidRequestError', { param: 'timestamp' });
});

await check('a subscription is sold by Checkout and kept in the portal', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
  await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'TENTH' });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription', line_items: [{ price: plans.Basic.id, quantity: 1 }], customer_email: 'page@example.com', allow_promotion_codes: true,
    subscription_data: { metadata: { account_id: '9' } }, success_url: 'https://shop.example/back?session_id={CHECKOUT_SESSION_ID}',
  });
  assert.equal(session.amount_total, 1000);
  assert.equal((await act(`/checkout/${session.id}`, { card: '4000000000000002' })).error.code, 'card_declined');
  const asked = await act(`/checkout/${session.id}`, { card: '4000002500003155', promotion_code: 'tenth' });
  assert.equal(asked.next_action, 'confirm');
  const paid = await act(`/checkout/${session.id}`, { confirm: true });
  assert.equal(paid.payment_status, 'paid');
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription.latest_invoice', 'customer'] });
  assert.equal(done.subscription.status, 'active');
  assert.equal(done.subscription.metadata.account_id, '9');
  assert.equal(done.subscription.latest_invoice.total, 900);
  assert.equal(done.customer.email, 'page@example.com');
  const trial = await stripe.checkout.sessions.create({
    mode: 'subscription', line_items: [{ price: plans.Basic.id, quantity: 1 }], customer: done.customer.id, subscription_data: { trial_period_days: 3 }, success_url: 'app://done',
  });
  assert.equal(trial.amount_total, 0);
  assert.equal((await act(`/checkout/${trial.id}`, {})).payment_status, 'no_payment_required');

  const portal = await stripe.billingPortal.sessions.create({ customer: done.customer.id, return_url: 'https://shop.example/account' });
  const page = await (await fetch(portal.url)).text();
  assert.ok(page.includes('https://shop.example/account') && page.includes('Basic'));
  const press = fields => fetch(portal.url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  assert.equal((await press({ action: 'change', subscription: done.subscription.id, price: plans.Premium.id })).status, 303);
  assert.equal((await press({ action: 'cancel', subscription: done.subscription.id })).status, 303);
  assert.equal((await press({ action: 'card', card: '5555 5555 5555 4444' })).status, 303);
  const kept = await stripe.subscriptions.retrieve(done.subscription.id, { expand: ['default_payment_method'] });
  assert.equal(kept.items.data[0].price.id, plans.Premium.id);
  assert.equal(kept.cancel_at_period_end, true);
  assert.equal(kept.default_payment_method.card.brand, 'mastercard');
  const flow = await stripe.billingPortal.sessions.create({
    customer: done.customer.id, return_url: 'https://shop.example/account',
    flow_data: { type: 'payment_method_update', after_completion: { type: 'redirect', redirect: { return_url: 'https://shop.example/done' } } },
  });
  const left = await fetch(flow.url, { method: 'POST', body: new URLSearchParams({ action: 'card', card: '4242424242424242' }), redirect: 'manual' });
  assert.equal(left.headers.get('location'), 'https://shop.example/done');
});

listener.close();
listener.closeAllConnections();
