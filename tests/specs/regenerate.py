#!/usr/bin/env python3
"""Rewrites the bundles beside this file from a folder of the providers' specifications.

  python3 tests/specs/regenerate.py SPECS_FOLDER

SPECS_FOLDER holds tools/oas_to_jsonschema.py and one folder a provider. A bundle keeps the operations the product uses
and the schemas these reach, one to a line, so that a new version of a specification can be read as a diff.
"""
import importlib.util
import json
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

STRIPE_RESOURCES = (
    "balance_transactions", "billing", "billing_portal", "charges", "checkout/sessions", "coupons", "customers", "events",
    "invoice_payments", "invoiceitems", "invoices", "payment_intents", "payment_methods", "prices", "products",
    "promotion_codes", "refunds", "setup_intents", "subscription_items", "subscriptions", "webhook_endpoints",
)

TWILIO_RESOURCES = (
    r"Messages(/\{Sid\})?|Calls(/\{Sid\}|/\{CallSid\}/Recordings(/\{Sid\})?)?|Recordings(/\{Sid\})?"
    r"|IncomingPhoneNumbers(/\{Sid\})?|AvailablePhoneNumbers/\{CountryCode\}/Local"
)

# bundle: (source, prefix of its paths, is this path used?)
BUNDLES = {
    "stripe.json": (
        "stripe/openapi.2026-08-26.dahlia.derived.json", "",
        lambda path: any(f"{path}/".startswith(f"/v1/{resource}/") for resource in STRIPE_RESOURCES)),
    "openai.json": (
        "openai/openapi.json", "/v1",
        lambda path: path.split("/")[1] == "models" or path.startswith(("/realtime/calls", "/realtime/client_secrets"))
        or path in ("/audio/transcriptions", "/audio/translations", "/chat/completions")),
    "google.json": ("google/oauth2_v2.openapi.json", "", lambda path: path == "/oauth2/v2/userinfo"),
    "gemini.json": (
        "gemini/generativelanguage_v1beta.openapi.json", "",
        lambda path: path.split("/")[2] == "models" and not path.endswith(("mbedContent", "EmbedContents"))),
    "twilio.json": ("twilio/api_v2010.json", "", lambda path: re.fullmatch(r"/2010-04-01/Accounts/(\{Sid\}|\{AccountSid\}/(" + TWILIO_RESOURCES + r"))\.json", path)),
    "verify.json": ("twilio/verify_v2.json", "", lambda path: "/Verification" in path),
}

# What travels over sockets belongs to no address: these schemas are kept by the beginning of their names.
EVENTS = {"openai.json": ("RealtimeServerEvent", "RealtimeClientEvent")}

# Hrana is published as schemas of its bodies; the addresses they belong to are added here. What a refusal looks like is open.
HRANA = "turso/hrana3_http.schema.json"
PIPELINE = {
    "request": {"application/json": {"$ref": "#/$defs/PipelineReqBody"}},
    "responses": {"200": {"application/json": {"$ref": "#/$defs/PipelineRespBody"}}, "default": {}},
}
VERSION = {"responses": {"200": {}, "default": {}}}
HRANA_OPERATIONS = {
    f"{method} {prefix}/{version}{ending}": shape
    for prefix in ("", "/dev/{namespace}", "/at/{pin}") for version in ("v2", "v3")
    for method, ending, shape in (("GET", "", VERSION), ("POST", "/pipeline", PIPELINE))
}


def converter(specs):
    spec = importlib.util.spec_from_file_location("oas_to_jsonschema", specs / "tools" / "oas_to_jsonschema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def reach(definitions, roots):
    """The definitions that the roots name, directly or through others."""
    found, open_ends = {}, [roots]
    while open_ends:
        node = open_ends.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found[name] = definitions[name]
                open_ends.append(definitions[name])
            open_ends.extend(node.values())
        elif isinstance(node, list):
            open_ends.extend(node)
    return found


def close(shape):
    """Twilio takes flat forms and says nothing about names it does not know; ours are to be spelt right."""
    for schema in shape.get("request", {}).values():
        if schema.get("type") == "object" and "application/x-www-form-urlencoded" in shape["request"]:
            schema.setdefault("additionalProperties", False)


def lines(members):
    return ",\n".join(f"{json.dumps(name)}:{compact(members[name])}" for name in sorted(members))


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write(name, bundle, operations):
    events = [{"$ref": f"#/$defs/{event}"} for event in bundle["$defs"] if event.startswith(EVENTS.get(name, ())) and "MCP" not in event]
    definitions = reach(bundle["$defs"], [operations, events])
    text = (f'{{"$schema":{compact(bundle["$schema"])},"$id":{compact(bundle["$id"])},\n'
            f'"x-operations":{{\n{lines(operations)}\n}},\n"$defs":{{\n{lines(definitions)}\n}}}}\n')
    json.loads(text)
    (HERE / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(operations)} operations, {len(definitions)} schemas, {len(text) // 1024} KB")


def main(specs):
    convert = converter(specs)
    for name, (source, prefix, used) in BUNDLES.items():
        with tempfile.NamedTemporaryFile(suffix=".json") as scratch:
            bundle = convert(str(specs / source), scratch.name)
        operations = {}
        for operation, shape in bundle["x-operations"].items():
            method, path = operation.split(" ", 1)
            if used(path):
                close(shape)
                operations[f"{method} {prefix}{path}"] = shape
        write(name, bundle, operations)
    write("turso.json", json.loads((specs / HRANA).read_text(encoding="utf-8")), HRANA_OPERATIONS)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
