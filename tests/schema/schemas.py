"""configs/schema as tests need it: validation that says where something is wrong, and a count of
which keys have been seen, so that a schema of what nothing writes any more is found too."""

import json
import pathlib
import sys
import warnings

SKIPPED = 77
ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "configs" / "schema"

try:
    import jsonschema
except ImportError:
    print("skipped: expected jsonschema (Debian: python3-jsonschema), found none")
    sys.exit(SKIPPED)
# Newer versions have another way to find schemas beside each other, which older ones lack.
warnings.simplefilter("ignore", DeprecationWarning)

ENDING = ".schema.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def address(name):
    return (FOLDER / (name + ENDING)).as_uri()


class Schemas:
    def __init__(self):
        self.documents = {path.name.removesuffix(ENDING): json.loads(path.read_text())
                          for path in sorted(FOLDER.glob("*" + ENDING))}
        for name, document in self.documents.items():
            # Without it, a document that another refers to is validated as that one is.
            check(document.pop("$schema") == DRAFT, f"{name}: expected $schema {DRAFT}")
        self.seen = set()  # (identity of "properties", key)
        keywords = jsonschema.Draft202012Validator.VALIDATORS

        def properties(validator, properties, instance, schema):
            if isinstance(instance, dict):
                self.seen.update((id(properties), key) for key in properties if key in instance)
            return keywords["properties"](validator, properties, instance, schema)

        self.Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator,
                                                      {"properties": properties})
        self.store = {address(name): each for name, each in self.documents.items()}

    def error(self, name, instance):
        """The first of an instance by the schema NAME.schema.json, as text; None where it fits."""
        check(name in self.documents, f"no schema {name}{ENDING}")
        resolver = jsonschema.RefResolver(address(name), self.documents[name], self.store)
        validator = self.Validator(self.documents[name], resolver=resolver)
        error = next(validator.iter_errors(instance), None)
        return error and f"{error.json_path}: {deepest(error).message[:300]}"

    def parts(self):
        """Every schema within the documents that says keys: its place and itself."""
        for name, document in self.documents.items():
            yield from parts_of(document, name)

    def unseen(self):
        """Places of the keys that no validated instance had."""
        return [f"{place}.{key}" for place, part in self.parts()
                for key, value in part["properties"].items()
                if value is not False and (id(part["properties"]), key) not in self.seen]


def deepest(error):
    """Of alternatives the one that fits best."""
    return jsonschema.exceptions.best_match([error])


def parts_of(schema, place):
    if isinstance(schema, list):
        for number, each in enumerate(schema):
            yield from parts_of(each, f"{place}[{number}]")
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict) and "const" not in schema:
        yield place, schema
    for key, value in schema.items():
        yield from parts_of(value, f"{place}.{key}")
