#!/usr/bin/env python3
"""Kills runs at random moments and damages what they have stored: the same command afterwards has
to give what a run that was left alone gives.

  interruptions.py [--program build/netdissect] [--kills 20] [--seed 1] [--full] [COMMAND...]

COMMANDs: train, synth, simplify, rf, record, annotate, evaluate, probe, reproduce; all without any.
Says for each how many of the killed runs ended alike, and for each kind of file what became of one
flipped bit. With --full (root, a tmpfs) instead what became of runs whose disk was full at some
moment, in an empty folder and over an earlier result. Exit status 1 where a result differs, or a
run that goes on fails.
"""

import argparse
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

SYNTH = "synth --train 24 --val 12 --size 64 --out"
INPUTS = " --images ../../world/scenes.json --network ../../net.json "
COMMANDS = {
    "train": "train --images ../../world/scenes.json --width 0.05 --fc 16 --epochs 4 --batch 6 "
             "--checkpoint-minutes 0.0001 --resume --out out",
    "synth": SYNTH + " out",
    "simplify": "simplify --images ../../world/scenes.json --network ../../net.json "
                "--target predicted --limit 4 --pictures 2 --out out",
    "rf": "rf --images ../../world/scenes.json --network ../../net.json --layer pool2 --units 0-5 "
          "--k 4 --stride 8 --out out",
    "record": "record" + INPUTS + "--layer pool2 --layer fc7 --batch 2 --keep-every 0 --out out",
    "annotate": "annotate auto" + INPUTS + "--layer pool2 --min-images 1 --batch 2 "
                "--keep-every 0 --out out",
    "evaluate": "evaluate" + INPUTS + "--layer pool2 --labels ../../labels --batch 2 "
                "--keep-every 0 --out out",
    "probe": "probe" + INPUTS + "--layer pool2 --batch 2 --out out",
    "reproduce": "reproduce ../../study.json --out out",
}
LABELS = "annotate auto --images world/scenes.json --network net.json --layer pool2 " \
         "--min-images 1 --min-iou 0 --out labels"
NETWORK = {"name": "tiny", "format": "random", "architecture": "alexnet", "width": 0.05,
           "classes": 7, "seed": 1, "input": {"size": 227, "mean": [104, 117, 123]}}
STUDY = {"networks": ["net.json"], "images": ["world/scenes.json"],
         "annotated": "world/scenes.json", "layers": ["pool2"],
         "experiments": {"rf": {"units": "0-3", "k": 2, "stride": 12},
                         "annotate auto": {"min-images": 1, "min-iou": 0, "sheet": 1},
                         "evaluate": {"examples": 1}, "probe": {"cost": 1e-4},
                         **dict.fromkeys(["info", "classify", "segment", "localize", "simplify",
                                          "semantics", "emergence"], False)}}
# What depends on the machine, on how often a run was interrupted, and on whether it is forced.
OF_TIME = {"seconds", "step_seconds", "images_per_second", "peak_memory", "stored", "reused",
           "macs", "occluders", "pairs", "checksum", "cost", "state", "force"}


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in OF_TIME}
    if isinstance(value, list):
        return [without_times(v) for v in value]
    return value


def contents(folder):
    """What a run has left, without times."""
    found = {}
    for where, folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            key = os.path.relpath(path, folder)
            if name in (".lock", "responses") or name.startswith("curve."):
                continue
            data = open(path, "rb").read()
            try:
                value = without_times(json.loads(data)) if name.endswith(".json") else None
            except ValueError:
                value = None
            if value is not None:
                if name == "train.json":  # an epoch has its time, and so has the descriptor
                    value["files"] = sorted(value["files"])
                    value["epochs"] = [{k: v for k, v in e.items() if k != "seconds"}
                                       for e in value["epochs"]]
                data = json.dumps(value)
            found[key] = data
    return found


def differing(a, b):
    return sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))


class Runs:
    def __init__(self, program, command, base):
        self.words = [program, "--threads", "2"] + COMMANDS[command].split()
        self.base = os.path.join(base, command)
        os.makedirs(self.base)

    def start(self, name, more=()):
        place = os.path.join(self.base, name)
        os.makedirs(place, exist_ok=True)
        return subprocess.Popen(self.words + list(more), cwd=place, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def run(self, name, more=()):
        process = self.start(name, more)
        err = process.communicate()[1]
        return process.returncode, err

    def out(self, name):
        return os.path.join(self.base, name, "out")


class Disk:
    """A disk of its own for a run's results, of so many KiB."""

    def __init__(self, out, size):
        self.out = out
        os.makedirs(out)
        self.mount("-t", "tmpfs", "-o", f"size={size}k", "none")

    def mount(self, *words):
        subprocess.run(["mount", *words, self.out], check=True)

    def resize(self, size):
        self.mount("-o", f"remount,size={size}k")

    def used(self):
        return shutil.disk_usage(self.out).used >> 10

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.out], check=True)
        shutil.rmtree(os.path.dirname(self.out))


def check_full(program, command, base):
    runs = Runs(program, command, base)
    enough, most, good = 1 << 20, 0, os.path.join(runs.base, "good")
    with Disk(runs.out("whole"), enough) as disk:
        process = runs.start("whole")
        while process.poll() is None:
            most = max(most, disk.used())
            time.sleep(0.002)
        if process.returncode != 0:
            sys.exit(f"{command}: the run with space enough fails:\n{process.stderr.read()}")
        whole, end = contents(disk.out), disk.used()
        shutil.copytree(disk.out, good)
    bad = 0
    for share, earlier in itertools.product((0.05, 0.5, 0.9), (False, True)):
        size = int(share * most) + (end if earlier else 0)
        with Disk(runs.out("full"), size) as disk:
            out = disk.out
            if earlier:
                shutil.copytree(good, out, dirs_exist_ok=True)
            more = ["--force"] if earlier else []
            status, err = runs.run("full", more)
            said = err.strip().splitlines()[-1] if err.strip() else ""
            there = contents(out)
            found = [] if status in (0, 1) else [f"exit status {status}"]
            if status == 1 and "out/" not in said:
                found.append("no file is named")
            found += [f"{name} is left" for name in there if ".tmp" in name]
            # A forced run says so, and has its own recording where others find one elsewhere.
            comparable = {name for name in whole if not re.search("options.toml|report.html", name)}
            if earlier:  # reproduce.json says how far a run came
                found += [f"{name} is neither whole nor gone" for name in differing(whole, there)
                          if name in comparable & there.keys() - {"reproduce.json"}]
            disk.resize(enough)
            again, err = runs.run("full", more)
            found += [err] if again else [name for name in differing(whole, contents(out))
                                          if not earlier or name in comparable]
        bad += bool(found)
        print(f"{command}, {size} KiB{' over an earlier result' if earlier else ''}: "
              f"{said if status else 'was enough'}; {found[:4] or 'alike afterwards'}", flush=True)
    return bad


def kind_of(path):
    return re.sub(r"\d+", "N", re.sub(r"(images|labels|annotations)/[a-z_]+/", r"\1/CLASS/", path))


def damage(path, draw):
    data = bytearray(open(path, "rb").read())
    if not data:
        return False
    at = draw.randrange(len(data))
    data[at] ^= 1 << draw.randrange(8)
    with open(path, "wb") as file:
        file.write(data)
    return True


def check(program, command, base, kills, draw):
    runs = Runs(program, command, base)
    begin = time.monotonic()
    status, err = runs.run("whole")
    length = time.monotonic() - begin
    if status != 0:
        sys.exit(f"{command}: the run that is left alone fails:\n{err}")
    whole = contents(runs.out("whole"))
    alike = killed = 0
    for i in range(kills):
        process = runs.start("killed")
        time.sleep(draw.uniform(0, length))
        process.kill()
        process.communicate()
        killed += process.returncode < 0
        status, err = runs.run("killed")
        other = differing(whole, contents(runs.out("killed"))) if status == 0 else [err]
        alike += not other
        if other:
            print(f"  {command}: after kill {i}: {other[:4]}")
        shutil.rmtree(os.path.join(runs.base, "killed"))
    print(f"{command}: {length:.1f} s; {killed} of {kills} killed before their end; "
          f"{alike} of {kills} alike afterwards", flush=True)
    bad = kills - alike
    kinds = {}
    for where, _, names in sorted(os.walk(runs.out("whole"))):
        for name in sorted(names):
            key = os.path.relpath(os.path.join(where, name), runs.out("whole"))
            if name != ".lock":
                kinds.setdefault(kind_of(key), key)
    for kind, key in kinds.items():
        path = os.path.join(runs.out("whole"), key)
        good = os.path.join(base, "good")
        shutil.rmtree(good, ignore_errors=True)
        shutil.copytree(runs.out("whole"), good)
        if not damage(path, draw):
            continue
        status, err = runs.run("whole")
        said = os.path.basename(key) in err or os.path.basename(key).split(".")[0] in err
        other = differing(whole, contents(runs.out("whole"))) if status == 0 else []
        what = ("mended" if not other else f"NOT mended: {other[:3]}") if status == 0 else (
            "refused: " + err.strip().splitlines()[-1][:150])
        print(f"  {kind}: {'said, ' if said else ''}{what}", flush=True)
        bad += bool(other)
        shutil.rmtree(runs.out("whole"))
        shutil.copytree(good, runs.out("whole"))
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/netdissect")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("commands", nargs="*", default=list(COMMANDS))
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as base:
        subprocess.run([program] + (SYNTH + " world").split(), cwd=base, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(base, "net.json"), "w") as file:
            json.dump(NETWORK, file)
        with open(os.path.join(base, "study.json"), "w") as file:
            json.dump(STUDY, file)
        if "evaluate" in options.commands:
            subprocess.run([program] + LABELS.split(), cwd=base, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        bad = 0
        for command in options.commands:
            bad += (check_full(program, command, base) if options.full
                    else check(program, command, base, options.kills, draw))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
