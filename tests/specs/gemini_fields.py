#!/usr/bin/env python3
"""Rewrites src/Sandbox/Gemini/fields.json from gemini.json: the names and kinds that the requests take which the sandbox plays.

  python3 tests/specs/gemini_fields.py
"""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
RESULT = HERE.parent.parent / "src" / "Sandbox" / "Gemini" / "fields.json"
ROOTS = ("GenerateContentRequest", "CountTokensRequest")

definitions = json.loads((HERE / "gemini.json").read_text(encoding="utf-8"))["$defs"]
found = {}


def kind(schema):
    if "$ref" in schema:
        return named(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return "integer" if any(branch.get("type") == "integer" for branch in schema["anyOf"]) else "any"
    if schema.get("type") == "array":
        return [kind(schema["items"])]
    if isinstance(schema.get("additionalProperties"), dict):
        return {"*": kind(schema["additionalProperties"])}
    return schema.get("type", "any")


def named(name):
    if name not in found:
        schema = definitions[name]
        if "enum" in schema:
            found[name] = "=" + "|".join(schema["enum"])
        else:
            found[name] = {}
            found[name].update({field: kind(shape) for field, shape in schema.get("properties", {}).items()})
    return "#" + name


for root in ROOTS:
    named(root)
RESULT.write_text(
    "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)) + "\n}\n", encoding="utf-8")
