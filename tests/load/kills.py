#!/usr/bin/env python3
"""Ends each command many times at random moments, begins it again each time, and compares what it
leaves with what an uninterrupted run leaves.

usage: kills.py PROGRAM FOLDER [KILLS [COMMAND ...]]
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

# Keys that say how a result came about.
COSTS = {"seconds", "peak_memory", "stored", "occluders", "macs", "reused", "out", "keep-every"}
COMMANDS = {
    "record": ["record", "--layer", "conv3", "--layer", "fc7", "--figure", "0"],
    "annotate": ["annotate", "auto", "--layer", "pool5", "--min-images", "1"],
    "evaluate": ["evaluate", "--layer", "pool5", "--labels", "{folder}/labels"],
    "probe": ["probe", "--layer", "pool5", "--limit", "240"],
    "rf": ["rf", "--layer", "pool5", "--sample", "4", "--k", "6"],
    "simplify": ["simplify", "--limit", "12"],
}
KEEPS = {"record", "annotate", "evaluate", "rf", "simplify"}  # that have --keep-every


def contents(folder):
    """By name, what is in the files of a run folder; of JSON without costs."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            key = os.path.relpath(path, folder)
            if name == "options.toml" or name == "responses":
                continue
            with open(path, "rb") as file:
                data = file.read()
            if name.endswith(".json"):
                data = json.dumps(strip(json.loads(data)), sort_keys=True).encode()
            found[key] = data
    return found


def strip(value):
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in COSTS}
    if isinstance(value, list):
        return [strip(v) for v in value]
    return value


def run(program, words, out, kill_after=None):
    with open(out + ".log", "ab") as log:
        process = subprocess.Popen([program, "--threads", "1"] + words + ["--out", out],
                                   stdout=log, stderr=log)
        if kill_after is not None:
            try:
                return process.wait(timeout=kill_after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        return process.wait()


def main():
    program, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    chosen = sys.argv[4:] or list(COMMANDS)
    os.makedirs(folder, exist_ok=True)
    random.seed(1)
    failed = False
    if "evaluate" in chosen:
        assert run(program, COMMANDS["annotate"], os.path.join(folder, "labels")) == 0
    for name in chosen:
        words = [word.replace("{folder}", folder) for word in COMMANDS[name]]
        whole, killed = os.path.join(folder, name), os.path.join(folder, name + "_killed")
        for place in (whole, killed):
            shutil.rmtree(place, ignore_errors=True)
        begin = time.time()
        assert run(program, words, whole) == 0, name
        took = time.time() - begin
        expected = contents(whole)
        same, ended = 0, 0
        while ended < kills:
            shutil.rmtree(killed, ignore_errors=True)
            more = ["--keep-every", "0.2"] if name in KEEPS else []
            # Several kills of one run: it goes on each time.
            status = None
            for _ in range(4):
                status = run(program, words + more, killed, random.uniform(0.05, 1) * took)
                if status == 0:
                    break
                ended += 1
            if status != 0:
                status = run(program, words + more, killed)
            found = contents(killed)
            wrong = sorted(k for k in set(expected) | set(found) if expected.get(k) != found.get(k))
            if status == 0 and not wrong:
                same += 1
            else:
                failed = True
                print(name, "status", status, "differs:", wrong[:5])
                break
        with open(killed + ".log", "rb") as log:
            went_on = log.read().count(b"were done before")
        print("%s: %.1f s uninterrupted; %d kills, %d runs, all the same: %s; went on %d times" % (
            name, took, ended, same, not failed, went_on), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
