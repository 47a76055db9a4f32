// Stripe's own library examines the sandbox: subscriptions from their first payment to the portal, on the sandbox's clock.
import assert from 'node:assert/strict';
import { check, control, origin } from './lib/sandbox.mjs';
import { act, refused, stripe } from './lib/stripe.mjs';

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
