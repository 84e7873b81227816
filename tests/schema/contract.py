"""Schemas are valid, closed and described; every kind of result has one; the format's number is the
program's; and the descriptors, studies and taxonomies that are bundled fit theirs."""

import json
import re

from schemas import ENDING, ROOT, Schemas, address, check, jsonschema


def test_schemas_are_valid(schemas):
    for name, document in schemas.documents.items():
        jsonschema.Draft202012Validator.check_schema(document)
        check("title" in document, f"{name}: no title")


def test_references_lead_somewhere(schemas):
    for name, document in schemas.documents.items():
        resolver = jsonschema.RefResolver(address(name), document, schemas.store)
        for reference in re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)):
            resolver.resolve(reference)  # raises


def test_objects_are_closed_and_described(schemas):
    """An object has the keys that are said and no others, or keys that are names."""
    for place, part in schemas.parts():
        if "type" not in part:  # narrows what is said elsewhere
            continue
        if place.endswith(("rf", "rf_gradient")):  # two forms, each closed
            continue
        check("additionalProperties" in part, f"{place}: open to any key")
        if part["additionalProperties"] is not False:
            check(place == "graph.properties.layers.items", f"{place}: open to any key")
        for key in part.get("required", []):
            check(key in part["properties"], f"{place}: {key} is required, and not said")
        for key, value in part["properties"].items():
            said = value is False or "description" in value or "$ref" in value
            check(said, f"{place}: {key} is not described")


def test_every_kind_of_result_has_a_schema(schemas):
    kinds = (ROOT / "src/report/run_folder.h").read_text()
    kinds = re.search(r"enum class ResultKind \{(.*?)\};", kinds, re.DOTALL).group(1)
    kinds = re.findall(r"k\w+", kinds)
    files = dict(re.findall(r'\{ResultKind::(k\w+), "([^"]+)\.json"',
                            (ROOT / "src/report/run_files.cc").read_text()))
    check(len(kinds) > 15, f"expected the kinds of results, found {kinds}")
    for kind in kinds:
        name = files[kind].split("/")[-1]
        check(name in schemas.documents, f"{kind}: no schema {name}{ENDING}")
        top = json.dumps(schemas.documents[name])
        has_header = "header.schema.json" in top or name == "rf_gradient"
        check(has_header, f"{name}: a result without a header")


def test_format_is_the_programs(schemas):
    code = (ROOT / "src/base/result_format.h").read_text()
    number = int(re.search(r"kResultFormat = (\d+);", code).group(1))
    said = schemas.documents["header"]["properties"]["format"]["const"]
    check(said == number, f"format: the program's is {number}, the schema's {said}")


def test_bundled_files_fit(schemas):
    configs = ROOT / "configs"
    bundled = {"network": [*configs.glob("demo/*_net.json"), *configs.glob("networks/*.json"),
                           *configs.glob("paper/networks/*.json")],
               "image_set": [*configs.glob("paper/datasets/*.json")],
               "study": [configs / "demo/study.json", configs / "paper/paper.json"],
               "taxonomy": [*configs.glob("taxonomies/*.json")]}
    for name, files in bundled.items():
        check(files, f"{name}: none is bundled")
        for file in files:
            found = json.loads(file.read_text())
            error = schemas.error(name, found)
            check(error is None, f"{file}: {error}")
            for key in found:
                check(schemas.error(name, {**found, key + "s": 1}), f"{file}: {key}s is taken")


def main():
    schemas = Schemas()
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test(schemas)
            print(f"{name}: passed")


main()
