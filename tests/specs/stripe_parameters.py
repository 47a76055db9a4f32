#!/usr/bin/env python3
"""Rewrites src/Sandbox/Stripe/parameters.json from stripe.json: which parameters each call takes that the sandbox plays.

  python3 tests/specs/stripe_parameters.py

To play one more call, add it to the sandbox and to PLAYED below; StripeParametersTests holds the result against the specification."""
import json, os

HERE = os.path.dirname(os.path.abspath(__file__))
RESULT = os.path.join(HERE, '..', '..', 'src', 'Sandbox', 'Stripe', 'parameters.json')
PLAYED = ['/v1/' + p for p in (
    'customers', 'payment_methods', 'setup_intents', 'products', 'prices', 'checkout/sessions', 'payment_intents', 'charges', 'refunds', 'events',
    'webhook_endpoints', 'balance_transactions', 'coupons', 'promotion_codes', 'subscriptions', 'subscription_items', 'invoices', 'invoiceitems', 'invoice_payments', 'billing',
    'billing_portal')]
NOT_PLAYED = ('/v1/customers/search', '/v1/invoices/{invoice}/add_lines')
# Rooms the sandbox never looks into: any content passes.
CLOSED = {'payment_method_options', 'shipping_address_collection', 'shipping_options', 'branding_settings', 'custom_text', 'amount_details', 'payment_details', 'tiers',
          'currency_options', 'optional_items', 'hooks', 'transfer_data', 'cash_balance', 'tax', 'tax_id_data', 'collected_information',
          'consent_collection', 'radar_options', 'mandate_data', 'invoice_data'}
CREATED = {'|': [{'gt': 'integer', 'gte': 'integer', 'lt': 'integer', 'lte': 'integer'}, 'integer']}
LIST = {'ending_before': 'string', 'limit': 'integer', 'starting_after': 'string', 'created': CREATED, 'expand': ['string']}
# Played, but not in the vendored part of the specification.
EXTRA = {
    'GET /v1/disputes': {**LIST, 'charge': 'string', 'payment_intent': 'string'},
    'GET /v1/disputes/{dispute}': {'expand': ['string']},
}

bundle = json.load(open(os.path.join(HERE, 'stripe.json')))


def unset(s): return any(x.get('enum') == [''] for x in s.get('anyOf', []))


def shape(s, name=None):
    while '$ref' in s: s = bundle['$defs'][s['$ref'].rsplit('/', 1)[1]]
    if name in CLOSED: return 'any'
    if 'anyOf' in s:
        kinds = [shape(x, name) for x in s['anyOf'] if x.get('enum') != ['']]
        if kinds == ['string', 'integer'] or all(k == kinds[0] for k in kinds): return kinds[0]
        return {'|': kinds}
    if 'enum' in s: return '=' + '|'.join(x for x in s['enum'] if x)
    if s.get('type') == 'object':
        required = s.get('required') or []
        made = {k + ('!' if k in required else '') + ('?' if unset(v) else ''): shape(v, k) for k, v in s.get('properties', {}).items()}
        if isinstance(s.get('additionalProperties'), dict): made['*'] = shape(s['additionalProperties'])
        return made
    if s.get('type') == 'array': return [shape(s['items'])]
    return s['type']


def short(x): return json.dumps(x, separators=(', ', ': '))


shared = {}


def share(x, name):
    if isinstance(x, dict): x = {k: share(v, k.rstrip('!?')) for k, v in x.items()}
    elif isinstance(x, list): x = [share(y, name) for y in x]
    if isinstance(x, (str, dict)) and len(short(x)) > 240:
        key, at = '@' + name, 2
        while shared.get(key, x) != x: key, at = f'@{name}{at}', at + 1
        shared[key] = x
        return key
    return x


calls = {}
for operation, o in sorted(bundle['x-operations'].items(), key=lambda one: one[0].split(' ')[::-1]):
    path = operation.split(' ')[1]
    if path not in NOT_PLAYED and any(path == p or path.startswith(p + '/') for p in PLAYED):
        whole = shape(next(iter(o['request'].values()))) if 'request' in o else shape(o['query']) if 'query' in o else {}
        calls[operation] = {k: share(v, k.rstrip('!?')) for k, v in whole.items()}
lines = []
for operation, t in [*calls.items(), *EXTRA.items(), *sorted(shared.items())]:
    if isinstance(t, str) or len(short(t)) < 150: lines.append(f'  {short(operation)}: {short(t)}')
    else: lines.append(f'  {short(operation)}: {{\n' + ',\n'.join(f'    {short(k)}: {short(v)}' for k, v in t.items()) + '\n  }')
open(RESULT, 'w').write('{\n' + ',\n'.join(lines) + '\n}\n')
