"""Every JSON file that the program writes fits its schema, and every key of the schemas is written:
`python3 results.py PROGRAM`. All commands run, on a bundled network and a small world; it ends with
0, with 1 where something is wrong, and with 77 where there is no jsonschema."""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "load"))

from schemas import Schemas, check
from server import Client, Server

# Of files whose names say nothing: the schema, and where they are.
PLACES = {"image_set": ["world/scenes.json", "world/objects.json", "world/*_labelme.json",
                        "broken.json"],
          "groups": ["world/*/groups.json"],
          "network": ["train/*_synthetic_scenes.json", "cropped.json", "letterboxed.json",
                      "odd.json", "described.json"],
          "graph": ["train/*.graph.json"],
          "study": ["study.json"],
          "minimal_image": ["simplify*/images/*.json"]}

# Bootstrap samples in which a series does not vary: there may be none.
RARE = {"emergence.$defs.correlation.undefined_samples"}
# Of what people write: what is bundled and made here need not have all.
WRITTEN_BY_PEOPLE = ("network.", "image_set.", "study.", "taxonomy.")


class Commands:
    def __init__(self, program, folder):
        self.program, self.folder = str(pathlib.Path(program).resolve()), folder

    def run(self, *words, status=0):
        words = [self.program, *map(str, words)]
        done = subprocess.run(words, cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        check(done.returncode == status,
              f"{' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout

    def write(self, name, content):
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text)

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def all(self):
        self.make_inputs()
        self.experiments()
        self.annotators()
        self.study()

    def make_inputs(self):
        self.run("synth", "--train", 32, "--val", 80, "--size", 64, "--out", "world")
        scenes = self.read("world/scenes.json")
        (self.folder / "world/scenes/images/broken.jpg").write_bytes(b"no picture")
        with open(self.folder / "world/scenes/val.txt") as listed:
            few = [next(listed) for _ in range(4)]
        self.write("world/scenes/broken.txt", "".join(few) + "images/broken.jpg 0\n")
        self.write("broken.json", {**scenes, "root": "world/scenes", "list": "broken.txt",
                                   "name": "broken"})
        self.write("cropped.json", {
            "format": "random", "architecture": "alexnet", "width": 0.05, "classes": 16,
            "input": {"size": 227, "order": "RGB", "mean": 120, "scale": 0.01, "resize": "squash",
                      "side": 256, "interpolation": "bicubic", "antialias": True,
                      "fill": [1, 2, 3]}})
        self.write("letterboxed.json", {
            "format": "random", "architecture": "alexnet", "width": 0.05, "classes": 16,
            "input": {"size": 227, "resize": "letterbox", "fill": [1, 2, 3]}})
        self.make_unread()

    def make_unread(self):
        """A network with a layer that cannot be read, and a mean image."""
        self.write("odd.prototxt", """input: "data" input_dim: [1, 3, 8, 8]
            layer { name: "pool" type: "Pooling" bottom: "data" top: "pool"
                    pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
            layer { name: "odd" type: "Odd" bottom: "pool" top: "odd" }""")
        self.write("odd.caffemodel", "")
        # BlobProto: num, channels, height, width, and packed floats.
        values = struct.pack("<192f", *range(192))
        (self.folder / "odd.binaryproto").write_bytes(
            bytes([8, 1, 16, 3, 24, 8, 32, 8, 42, 128, 6]) + values)
        self.write("odd.json", {"format": "caffe", "graph": "odd.prototxt",
                                "weights": "odd.caffemodel",
                                "input": {"size": 8, "mean": "odd.binaryproto"}})

    def experiments(self):
        scenes = ["--network", "scene_net", "--images", "world/scenes.json"]
        picture = ["--network", "scene_net", "--layer", "pool5", "--image",
                   next((self.folder / "world/scenes/images").glob("bedroom/*.jpg"))]
        run, record = self.run, ["--record", "record"]
        run("info", "--network", "scene_net", "--network", "cropped.json", "--network",
            "letterboxed.json", "--network", "odd.json", "--out", "info")
        run("classify", *scenes, "--out", "classify")
        run("classify", "--network", "scene_net", "--images", "broken.json", "--out", "skipped")
        run("record", *scenes, "--layer", "pool5", "--out", "record")
        run("rf", *scenes, *record, "--layer", "pool5", "--units", "0-2", "--k", 2, "--stride", 24,
            "--out", "rf")
        run("rf", *scenes, *record, "--layer", "pool5", "--units", "0-2", "--k", 2, "--method",
            "gradient", "--out", "rf")
        run("rf", *picture, "--unit", 3, "--stride", 24, "--out", "picture")
        run("rf", *picture, "--unit", 3, "--stride", 24, "--engine", "operators", "--out", "tiles")
        run("rf", *picture, "--unit", 3, "--method", "gradient", "--out", "picture")
        run("segment", *scenes, *record, "--layer", "pool5", "--best", 2, "--k", 2, "--out",
            "segment")
        run("segment", *picture, "--unit", 3, "--out", "picture")
        run("annotate", "auto", *scenes, *record, "--layer", "pool5", "--min-images", 2, "--sheet",
            0, "--out", "labels")
        labels = [*record, "--labels", "labels", "--layer", "pool5"]
        run("evaluate", *scenes, *labels, "--examples", 1, "--out", "evaluate")
        run("localize", *scenes, *labels, "--fields", "rf", "--limit", 2, "--out", "localize")
        run("simplify", *scenes, "--limit", 4, "--segments", "annotated", "--out", "simplify")
        run("semantics", "--labels", "labels", "--out", "semantics")
        run("emergence", *scenes, "--labels", "labels", "--min-images", 6, "--resamples", 20,
            "--permutations", 19, "--out", "emergence")
        run("probe", *scenes, "--layer", "pool5", "--cost", "1e-5", "--cost", "1e-4", "--out",
            "probe")
        run("train", "--images", "world/scenes.json", "--width", 0.05, "--fc", 16, "--epochs", 1,
            "--out", "train")
        self.write("described.json", run("describe", next(
            (self.folder / "train").glob("*.safetensors"))))

    def annotators(self):
        """A task, answers to it by way of the server, and a published table."""
        scenes = ["--network", "scene_net", "--images", "world/scenes.json"]
        self.run("annotate", "export", *scenes, "--record", "record", "--layer", "pool5",
                 "--sample", 2, "--shown", 8, "--out", "task")
        task = self.read("task/export.json")
        server = Server(self.program, self.folder / "task")
        client = Client(server.port)

        def answer(annotator, number, status, **changes):
            unit = task["units"][number]
            planted = [i for i, tile in enumerate(unit["tiles"]) if tile["negative"]]
            found, reply = client.post("/api/answer", {
                "id": f"{annotator} {number}", "task": task["task"], "layer": unit["layer"],
                "unit": unit["unit"], "annotator": annotator, "label": f"bed of {annotator}",
                "group": task["taxonomy"]["groups"][number]["name"], "crossed": planted,
                "skipped": None, "seconds": 3.5, **changes})
            check(found == status, f"an answer: expected status {status}, found {found} {reply}")

        try:
            answer("ann", 0, 422, crossed=[])
            answer("ann", 0, 200)
            answer("ann", 1, 200)
            answer("ben", 0, 200)
            answer("ben", 1, 200, label=None, group=None, crossed=[], skipped="unsure")
        finally:
            client.close()
            server.kill()  # each answer is on the disk
        self.run("annotate", "import", "--task", "task", "--with", "labels", "--out", "people")
        self.write("table.csv", "network,layer,unit,annotator,label,category,precision\n"
                                "scene_net,pool5,1,1,lamp,2,0.947\n"
                                "scene_net,pool5,1,2,lamps,2,0.895\n")
        self.run("annotate", "import", "--published", "table.csv", "--out", "published")
        self.run("semantics", "--labels", "people", "--out", "people")

    def study(self):
        fields = {"units": "0-2", "k": 2, "stride": 24}
        self.write("study.json", {
            "networks": ["scene_net", {"network": "cropped.json", "name": "other"}],
            "images": ["world/scenes.json"], "limit": 16, "layers": ["pool5"],
            "experiments": {"rf": fields, "segment": False, "simplify": False, "probe": False,
                            "localize": False, "semantics": False, "emergence": False}})
        self.run("reproduce", "study.json", "--out", "before")
        study = self.read("study.json")
        study["networks"] = study["networks"][:1]
        self.write("study.json", study)
        # What a step would make its folder of is a file: it fails, and the others do not.
        (self.folder / "after").mkdir()
        self.write("after/classify", "")
        self.run("--seed", 1, "reproduce", "study.json", "--out", "after", status=1)
        self.run("report", "after", "--against", "before", "--out", "against", "--tolerance", 9)


def schema_of(path, folder, schemas):
    for name, places in PLACES.items():
        if any(path in folder.glob(place) for place in places):
            return name
    name = path.name.removesuffix(".json")
    check(name in schemas.documents, f"{path}: no schema says what it is")
    return name


def check_file(path, folder, schemas):
    name, found = schema_of(path, folder, schemas), json.loads(path.read_text())
    error = schemas.error(name, found)
    check(error is None, f"{path} does not fit {name}: {error}")
    return name, found


def check_renamed(name, found, schemas):
    if name == "groups":
        return  # its keys are names
    for key in found:
        renamed = {("renamed" if each == key else each): value for each, value in found.items()}
        check(schemas.error(name, renamed), f"{name}: {key} may be renamed")


def main():
    schemas = Schemas()
    with tempfile.TemporaryDirectory(prefix="netdissect-schema-") as place:
        folder = pathlib.Path(place)
        Commands(sys.argv[1], folder).all()
        files = sorted(folder.rglob("*.json"))
        fitting = dict(check_file(path, folder, schemas) for path in files)
        for name, found in fitting.items():
            check_renamed(name, found, schemas)
        for name, lines in {"answer": "answers", "refusal": "refused"}.items():
            for line in (folder / f"task/{lines}.jsonl").read_text().splitlines():
                error = schemas.error(name, json.loads(line))
                check(error is None, f"{line}: {error}")
        print(f"{len(files)} files fit")
    unseen = [place for place in schemas.unseen()
              if not place.startswith(WRITTEN_BY_PEOPLE) and place not in RARE]
    check(not unseen, f"nothing writes {unseen}")


main()
