"""Annotators at work, and a server that is killed meanwhile: no answer that was acknowledged may be
lost, and none may be there twice.

    python3 annotators.py PROGRAM [--annotators 16] [--answers 2000] [--kills 3]

Each annotator asks for a unit and answers it until there is none, and sends an answer again until
the server has said that it is saved. Now and then a negative is left uncrossed first, which has to
be refused, and an answer is sent twice. The server is killed by SIGKILL in the midst of it and
started again. Prints acknowledgements a second, and how long one takes.
"""

import argparse
import http.client
import json
import pathlib
import random
import tempfile
import threading
import time

import task_folder
from server import Client, Server, until

WANTED = 8  # answers a unit


class Annotator(threading.Thread):
    def __init__(self, name, port, task):
        super().__init__(name=name, daemon=True)
        self.port, self.task = port, task
        self.random = random.Random(name)
        self.acknowledged = {}  # unit by the answer's id
        self.delays = []        # seconds from an answer's sending to its acknowledgement
        self.refused = self.repeated = self.late = 0
        self.failure = None

    def run(self):
        try:
            self.work()
        except BaseException as error:
            self.failure = error

    def reach(self, path, content):
        """The reply, however often the server has to be asked; and whether it was asked again."""
        again = False
        while True:
            try:
                return *self.client.post(path, content), again
            except (OSError, http.client.HTTPException):
                again = True
                time.sleep(0.01)

    def expect(self, status, reply, expected):
        if status != expected:
            raise AssertionError(f"{self.name}: expected {expected}, found {status} {reply}")

    def work(self):
        self.client = Client(self.port)
        unit = None
        while True:
            status, reply, _ = self.reach("/api/next", {"annotator": self.name, "unit": unit})
            self.expect(status, reply, 200)
            unit = reply["unit"]
            if unit is None:
                return
            if unit in self.acknowledged.values():
                raise AssertionError(f"{self.name}: given unit {unit} though it is answered")
            identity = f"{self.name}-{unit}"
            answer = task_folder.answer(self.task, unit, self.name, identity)
            if self.random.random() < 0.05:
                status, reply, _ = self.reach("/api/answer", {**answer, "crossed": [3]})
                self.expect(status, reply, 422)
                self.refused += 1
            start = time.perf_counter()
            status, reply, again = self.reach("/api/answer", answer)
            self.expect(status, reply, 200)
            if reply != {"saved": identity}:
                raise AssertionError(f"{self.name}: expected {identity}, found {reply}")
            self.acknowledged[identity] = unit
            if again:
                self.late += 1
            else:
                self.delays.append(time.perf_counter() - start)
            if self.random.random() < 0.05:
                status, reply, _ = self.reach("/api/answer", answer)
                self.expect(status, reply, 200)
                self.repeated += 1


def check_file(path, acknowledged, most):
    lines = path.read_text().splitlines()
    answers = [json.loads(line) for line in lines]
    identities = [answer["id"] for answer in answers]
    lost = set(acknowledged) - set(identities)
    assert not lost, f"acknowledged but lost: {sorted(lost)[:5]} and more, {len(lost)}"
    assert len(set(identities)) == len(identities), "an answer is there twice"
    by_unit = {}
    for answer in answers:
        assert acknowledged.get(answer["id"]) == answer["unit"], f"unknown answer {answer}"
        by_unit.setdefault(answer["unit"], []).append(answer["annotator"])
    for unit, names in by_unit.items():
        assert len(set(names)) == len(names), f"unit {unit}: twice by one annotator"
        assert len(names) <= most, f"unit {unit}: {len(names)} answers"
    return by_unit


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--annotators", type=int, default=16)
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    units = options.answers // WANTED
    with tempfile.TemporaryDirectory(prefix="netdissect-load-") as place:
        folder = pathlib.Path(place) / "run"
        task = task_folder.make(folder, units)
        server = Server(options.program, folder, "--answers", WANTED)
        team = [Annotator(f"annotator {i}", server.port, task) for i in range(options.annotators)]
        start = time.perf_counter()
        for each in team:
            each.start()
        down = 0
        answered = lambda: sum(len(each.acknowledged) for each in team)
        for kill in range(options.kills):
            share = (kill + 1) / (options.kills + 1)
            until(lambda: answered() >= share * units * WANTED or
                  any(each.failure for each in team), "answers", seconds=300)
            since = time.perf_counter()
            server.kill()
            server.start()
            down += time.perf_counter() - since
        for each in team:
            each.join(timeout=300)
            assert not each.is_alive(), f"{each.name} is not done"
            if each.failure:
                raise each.failure
        seconds = time.perf_counter() - start
        overview = Client(server.port).ask("GET", "/api/overview")[1]
        peak = server.memory("VmHWM")
        status = server.stop()
        assert status == 143, f"expected exit status 143 after SIGTERM, found {status}"

        acknowledged = {}
        for each in team:
            acknowledged.update(each.acknowledged)
        # Leases are not kept over a restart: who was at work then may be one too many.
        by_unit = check_file(folder / "answers.jsonl", acknowledged,
                             WANTED + options.annotators * options.kills)
        assert len(by_unit) == units, f"expected {units} units answered, found {len(by_unit)}"
        assert all(len(names) >= WANTED for names in by_unit.values()), "too few answers"
        refused = sum(each.refused for each in team)
        assert overview["answers"] == len(acknowledged), overview["answers"]
        assert overview["units_done"] == units, overview["units_done"]
        # A refusal whose reply was lost in a crash is sent, and counted, again.
        assert refused <= overview["refused"] <= refused + options.annotators * options.kills
        if options.kills == 0:
            assert overview["refused"] == refused
            assert all(len(names) == WANTED for names in by_unit.values()), "too many answers"

        delays = sorted(delay for each in team for delay in each.delays)
        at = lambda share: 1000 * delays[min(len(delays) - 1, int(share * len(delays)))]
        print(f"{options.annotators} annotators, {len(acknowledged)} answers acknowledged and there "
              f"once, {sum(each.repeated for each in team)} sent twice, {refused} refused, "
              f"{options.kills} kills")
        print(f"{len(acknowledged) / (seconds - down):.0f} acknowledgements a second; "
              f"{at(0.5):.1f} ms in the median, {at(0.99):.1f} ms at the 99th percentile, "
              f"without the {sum(each.late for each in team)} that met a kill; "
              f"{down / max(1, options.kills):.2f} s from kill to new link; "
              f"at most {peak:.0f} MiB resident")


if __name__ == "__main__":
    main()
