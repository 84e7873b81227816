"""A task for annotators as `annotate export` writes it, without a network: export.json and a page."""

import hashlib
import json
import pathlib
import shutil
import struct

WEB = pathlib.Path(__file__).parents[2] / "src" / "report" / "web"

TILES = 12
NEGATIVES = (3, 7)  # of every unit

GROUPS = [("simple element", "low"), ("color", "low"), ("material", "mid"), ("shape", "mid"),
          ("object", "high"), ("scene", "high")]


def digest_of(content):
    """The id that export.json has to have: the first 16 bytes of a SHA-256 over length and text."""
    text = json.dumps(content, separators=(",", ":")).encode()
    return hashlib.sha256(struct.pack("<Q", len(text)) + text).hexdigest()[:32]


def unit(number):
    tiles = [{"image": f"picture {i}.jpg", "set": "pictures", "value": 0.5, "area": 0.25,
              "negative": i in NEGATIVES} for i in range(TILES)]
    return {"layer": "pool5", "unit": number, "sheet": f"sheets/{number + 1:04}.jpg",
            "salt": f"{number:032x}", "tiles": tiles}


def make(folder, units):
    """Writes the run folder and returns the task's id."""
    (folder / "page" / "sheets").mkdir(parents=True)
    content = {
        "task": "",
        "network": {"name": "tiny", "digest": "0" * 32},
        "taxonomy": {"name": "paper", "groups": [
            {"name": name, "level": level, "examples": []} for name, level in GROUPS]},
        "names": ["bed", "lamp"], "columns": 4, "tile": 48,
        "units": [unit(i) for i in range(units)],
    }
    content["task"] = digest_of(content)
    (folder / "export.json").write_text(json.dumps(content))
    page = folder / "page"
    for name in ["page.css", "sha256.js", *(each.name for each in WEB.glob("annotate*"))]:
        if name != "annotate.html":
            shutil.copy(WEB / name, page / name)
    shutil.copy(WEB / "annotate.html", page / "index.html")
    (page / "task.js").write_text("globalThis.annotationTask = 'of a page without a server';")
    (page / "notes.txt").write_text("not of the page")
    for each in content["units"]:
        (page / each["sheet"]).write_bytes(b"\xff\xd8\xff" + bytes(20000))
    return content["task"]


def answer(task, number, annotator, identity, /, **changes):
    content = {"id": identity, "task": task, "layer": "pool5", "unit": number,
               "annotator": annotator, "label": "bed", "group": "object",
               "crossed": list(NEGATIVES), "skipped": None, "seconds": 12.5,
               "time": "2026-01-31T12:00:00Z"}
    content.update(changes)
    return content
