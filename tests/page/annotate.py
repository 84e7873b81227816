"""The annotators' page: units are named by mouse and by keys, from a disk and from a server, and
what was said of them is what is imported."""

import hashlib
import http.server
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

from annotator import Annotator, negatives_of, positives_of, task
from browser import ActionChains, Keys, check, check_accessible, check_equal, check_page, main, run

UNITS = 8
ROUNDS = 4000


def make_pages(folder):
    world = folder / "world"
    run("synth", "--kind", "scenes", "--train", 0, "--val", 120, "--out", world)
    run("annotate", "export", "--images", world / "scenes.json", "--record", folder / "record",
        "--sample", UNITS, "--out", folder / "task")
    task.update(json.loads((folder / "task" / "export.json").read_text()))
    check_equal(len(task["units"]), UNITS, "units")
    return [folder / "task" / "page" / "index.html"]


def check_answers(answers, annotator):
    """The lines are what the annotator said, the last of each unit."""
    last = {}
    for answer in answers:
        unit = next(i for i, each in enumerate(task["units"])
                    if (each["layer"], each["unit"]) == (answer["layer"], answer["unit"]))
        last[unit] = answer
        check_equal(answer["task"], task["task"], "the task of an answer")
        check_equal(answer["annotator"], annotator.name, "the annotator of an answer")
        check(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer["id"]),
              f"expected an id, found {answer['id']!r}")
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["time"]),
              f"expected a time in UTC, found {answer['time']!r}")
        check(0 < answer["seconds"] < 600, f"expected seconds, found {answer['seconds']}")
    found = {unit: (answer["label"], answer["group"], answer["crossed"])
             for unit, answer in last.items() if answer["skipped"] is None}
    check_equal(found, annotator.said, "the answers")
    check_equal(len({answer["id"] for answer in answers}), len(answers), "ids that differ")


def check_import(folder, answers, annotator, name):
    """The labels that the program makes of the answers, in small letters, with their precision."""
    out = folder / name
    run("annotate", "import", answers, "--task", folder / "task", "--out", out)
    labels = json.loads((out / "annotation.json").read_text())["layers"]
    found = {(layer, unit["unit"]): (unit["label"], unit["group"], unit["precision"])
             for layer, content in labels.items() for unit in content["units"] if unit["label"]}
    expected = {}
    for unit, (label, group, crossed) in annotator.said.items():
        positives = positives_of(unit)
        kept = [tile for tile in positives if tile not in crossed]
        place = task["units"][unit]["layer"], task["units"][unit]["unit"]
        expected[place] = (label, group, len(kept) / len(positives))
    check_equal(sorted(found), sorted(expected), "units with labels")
    for place, (label, group, precision) in expected.items():
        check_equal(found[place][:2], (label.lower(), group), f"label and group of {place}")
        check(abs(found[place][2] - precision) < 1e-9,
              f"precision of {place}: expected {precision}, found {found[place][2]}")


def check_refused(annotator, unit, submit):
    """An answer that leaves a negative is not accepted, however often it is submitted."""
    draft, answered = annotator.draft(), annotator.answered()
    for _ in range(2):
        submit()
        said = annotator.browser.wait(annotator.notice, "expected that the answer is refused")
        check("clearly do not belong" in said, f"expected why it is refused, found {said!r}")
        check(not re.search(r"\d|\b(one|two|three)\b", said),
              f"it says how many are left: {said!r}")
        check_equal(annotator.unit(), unit, "the unit after an answer that was refused")
        check_equal(annotator.draft(), draft, "the draft after an answer that was refused")
        check_equal(annotator.answered(), answered, "units answered")


# What tells tiles apart but the place of their background.
TILES = """
return [...document.querySelectorAll('.tile')].map(tile => {
  const copy = tile.cloneNode(true);
  copy.style.backgroundPosition = '';
  copy.setAttribute('aria-label', '');
  copy.tabIndex = -1;
  return copy.outerHTML;
});
"""


def check_no_tells(browser, unit, crossed):
    """Nothing on the page or in the browser's storage tells the negatives from the others."""
    tiles = browser.script(TILES)
    left = {html for i, html in enumerate(tiles) if i not in crossed}
    check_equal(len(left), 1, "kinds of tiles that are not crossed out")
    kept = json.dumps(browser.script("return Object.entries(localStorage)"))
    for digest in tile_digests(unit):
        check(digest not in kept, "the browser's storage has a negative's digest")


def tile_digests(unit):
    digests = []
    for tile in negatives_of(unit):
        digest = f"{task['units'][unit]['salt']}:{tile}".encode()
        for _ in range(ROUNDS):
            digest = hashlib.sha256(digest).digest()
        digests.append(digest.hex())
    return sorted(digests)


def check_digests(browser):
    """The page's SHA-256 is Python's, for all lengths of its padding, and makes the digests that
    the program has put into the page."""
    texts = ["x" * length for length in range(130)] + ["Straße, 駅 😀"]
    found = browser.script("return arguments[0].map(text => sha256Hex(text))", texts)
    check_equal(found, [hashlib.sha256(text.encode()).hexdigest() for text in texts], "digests")
    known = browser.script("return [annotationTask.rounds, annotationTask.units]")
    check_equal(known[0], ROUNDS, "rounds of a digest")
    for unit, content in enumerate(known[1]):
        check_equal(content["negatives"], tile_digests(unit), f"negatives of unit {unit}")
    check_equal(browser.script("return sha256Hex(arguments[0], arguments[1])",
                               f"{task['units'][0]['salt']}:{negatives_of(0)[0]}", ROUNDS)
                in known[1][0]["negatives"], True, "a negative's digest by the page")


def exercise(browser, page):
    """What is there as the page opens, and a closer look; the names are those of this view."""
    annotator = Annotator(browser, "Vera")
    if browser.find("#asking").is_displayed():
        check_accessible(browser, "the question for the name")
        annotator.enter()
        browser.open(page)
    annotator.await_unit(lambda unit: True)
    check_page(browser, has_files=True)
    check_accessible(browser, "the page")
    browser.find_all(".tile")[7].click()
    before = annotator.crossed()
    browser.press(Keys.ENTER)
    loupe = browser.find("#loupe")
    check(loupe.is_displayed(), "no closer look")
    check_accessible(browser, "a closer look")
    check_equal(browser.find("#loupe-text").text.split(",")[0], "Image 8 of 60", "the closer look")
    browser.press(Keys.ARROW_RIGHT, "x")
    check_equal(browser.find("#loupe-text").text, "Image 9 of 60, crossed out", "its neighbour")
    browser.press(Keys.ESCAPE)
    check(not loupe.is_displayed(), "the closer look stays")
    check_equal(annotator.crossed(), sorted({*before, 8}), "tiles crossed out")
    browser.press("u", "u")
    # While a key is held, the image under the pointer.
    browser.hold("l", True)
    check(loupe.is_displayed(), "no closer look while the key is held")
    ActionChains(browser.driver).move_to_element(browser.find_all(".tile")[3]).perform()
    check("Image 4 of 60" in browser.find("#loupe-text").text, "it does not follow the pointer")
    browser.hold("l", False)
    check(not loupe.is_displayed(), "the closer look stays after the key")
    browser.press("?")
    check(browser.find("#keys").is_displayed(), "no keys")
    check_accessible(browser, "the keys")
    browser.press(Keys.ESCAPE, "s")
    check_accessible(browser, "the reasons to skip")
    browser.press(Keys.ESCAPE)
    check_equal(annotator.answered(), f"0 of {UNITS} answered", "units answered")


def offline(browser, folder):
    """From a disk: three units by mouse, three by keys, one skipped and one changed."""
    page = folder / "task" / "page" / "index.html"
    browser.open(page)
    check_digests(browser)
    annotator = Annotator(browser, "Ada Lovelace")
    annotator.enter()

    # All but one of the negatives, and what is undone.
    unit = annotator.unit()
    negatives, positives = negatives_of(unit), positives_of(unit)
    annotator.submit_by_mouse()
    check("Write" in annotator.notice(), f"expected to be asked for it: {annotator.notice()!r}")
    annotator.click_tiles([*negatives[1:], *positives[:2]])
    annotator.click_rest("table", "object")
    draft = ("table", "object", sorted([*negatives[1:], *positives[:2]]))
    check_equal(annotator.draft(), draft, "the draft")
    check_no_tells(browser, unit, draft[2])
    check_refused(annotator, unit, annotator.submit_by_mouse)
    check_undo(browser, annotator)

    # As it was left, after a reload.
    browser.open(page)
    check_equal(annotator.await_unit(lambda each: True), unit, "the unit after a reload")
    check_equal(annotator.draft(), draft, "the draft after a reload")
    check_refused(annotator, unit, annotator.submit_by_keys)
    annotator.click_tiles(negatives[:1])
    annotator.submit_by_mouse()
    annotator.said[unit] = ("table", "object", sorted([*negatives, *positives[:2]]))
    unit = annotator.await_other(unit)
    check_equal(annotator.answered(), f"1 of {UNITS} answered", "units answered")

    for i, (by_keys, label, group) in enumerate([
            (False, "table", "object"), (False, "red & <b>blue</b>", "color"),
            (True, "kitchen", "scene"), (True, "Straße", "scene"), (True, "ta", "shape")]):
        unit = annotator.name_unit(by_keys, label, group, i)
        annotator.await_other(unit)
        check_equal(annotator.answered(), f"{i + 2} of {UNITS} answered", "units answered")

    # Skipped, gone back to, and answered.
    unit = annotator.unit()
    browser.press("s", Keys.ARROW_DOWN, Keys.ENTER)
    other = annotator.await_other(unit)
    check_equal(annotator.answered(), f"7 of {UNITS} answered", "units answered")
    browser.press("[" if unit < other else "]")
    check_equal(annotator.await_other(other), unit, "the unit gone back to")
    check("several concepts" in browser.find("#network").text, "nothing says why it was skipped")
    annotator.name_unit(False, "lamp", "object", 57)
    annotator.await_other(unit)
    check_equal(annotator.answered(), f"7 of {UNITS} answered", "units answered")

    # Nobody leaves answers behind without being reminded.
    check_equal(browser.script(REMINDER), True, "a reminder of answers that are in no file")
    refused = f"netdissect/{task['task']}/Ada%20Lovelace/refused"
    check_equal(browser.script("return localStorage.getItem(arguments[0])", refused), "4",
                "answers that were refused")

    # The file of all answers, of this annotator alone: Vera has given none.
    check("7 new" in browser.find("#download").text, "nothing says that answers are new")
    downloads = folder / "downloads"
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    browser.press("d")
    file = browser.wait(lambda: downloads.is_dir() and list(downloads.glob("*.jsonl")),
                        "expected a file of answers")[0]
    check_equal(file.name, f"answers-{task['task'][:12]}-Ada-Lovelace.jsonl", "the file's name")
    check("new" not in browser.find("#download").text, "answers in the file are said to be new")
    check_equal(browser.script(REMINDER), False, "a reminder of answers that are in a file")
    check_answers([json.loads(line) for line in file.read_text().splitlines()], annotator)
    check_import(folder, file, annotator, "imported")
    browser.check_silent()


REMINDER = """
const leaving = new Event('beforeunload', {cancelable: true});
dispatchEvent(leaving);
return leaving.defaultPrevented;
"""


def check_undo(browser, annotator):
    """Each change is undone by itself, a word as a whole, and done again."""
    label, group, crossed = annotator.draft()
    browser.press("u")
    check_equal(annotator.draft(), (label, "", crossed), "the draft without its group")
    browser.press("u")
    label_before = annotator.label()
    check(label_before != label, "the concept is not undone")
    browser.find("#concept").click()
    while annotator.label():
        check(browser.find("#undo").is_enabled(), "nothing is left to undo")
        browser.press_with([Keys.CONTROL], "z")
    check_equal(annotator.draft(), ("", "", crossed), "the draft without its concept")
    browser.press_with([Keys.CONTROL], "z")
    check_equal(len(annotator.crossed()), len(crossed) - 1, "tiles after the last is undone")
    while annotator.draft() != (label, group, crossed):
        check(browser.find("#redo").is_enabled(), "nothing is left to do again")
        browser.press_with([Keys.CONTROL, Keys.SHIFT], "z")
    check(not browser.find("#redo").is_enabled(), "more is done again than was undone")


class Served:
    """The program as a server of the task."""

    def __init__(self, folder):
        words = [sys.argv[1], "annotate", "serve", "--task", folder / "task", "--port", 0,
                 "--answers", 1]
        self.process = subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        self.link = self.process.stdout.readline().strip()
        check(self.link.startswith("http"), f"expected a link, found {self.link!r}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def overview(self):
        with urllib.request.urlopen(f"{self.link}api/overview") as reply:
            return json.load(reply)


def set_online(browser, is_online):
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": not is_online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def served(browser, folder):
    """From a server: three units by mouse, three by keys, two of them while it is away."""
    saved = lambda: browser.find("#saved").text
    file = folder / "task" / "answers.jsonl"
    with Served(folder) as server:
        browser.open(server.link)
        annotator = Annotator(browser, "Grace Hopper")
        annotator.enter()
        check_page(browser, has_files=True)
        check_accessible(browser, "the page from a server")
        unit = annotator.unit()
        check_equal(browser.script("return annotationTask.units[0].negatives ?? null"), None,
                    "negatives that the page knows")
        annotator.click_tiles([*negatives_of(unit)[:-1], *positives_of(unit)[:1]])
        annotator.click_rest("bed", "object")
        draft = annotator.draft()
        check_refused(annotator, unit, annotator.submit_by_mouse)
        browser.open(server.link)
        check_equal(annotator.await_unit(lambda each: True), unit, "the unit after a reload")
        check_equal(annotator.draft(), draft, "the draft after a reload")
        check_refused(annotator, unit, annotator.submit_by_keys)
        browser.press("u")
        check_equal(annotator.draft(), draft, "nothing was to be undone")
        annotator.click_tiles(negatives_of(unit)[-1:])
        annotator.submit_by_mouse()
        annotator.said[unit] = (*draft[:2], sorted([*draft[2], negatives_of(unit)[-1]]))
        annotator.await_other(unit)
        browser.wait(lambda: saved() == "Saved", "expected the answer to be saved")

        unit = annotator.name_unit(False, "bed", "object", 3)
        annotator.await_other(unit)
        unit = annotator.name_unit(True, "wood", "material", 0)
        annotator.await_other(unit)
        check_equal(server.overview()["answers"], 3, "answers that the server has")

        # The server is away: the annotator goes on, and nothing is lost.
        set_online(browser, False)
        unit = annotator.name_unit(True, "stripes", "simple element", 1)
        browser.wait(lambda: saved() == "1 answer not sent yet, trying again", saved())
        check_equal(server.overview()["answers"], 3, "answers that the server has")
        set_online(browser, True)
        browser.wait(lambda: saved() == "Saved", "expected the answer to be sent again", 60)
        browser.open(server.link)
        annotator.await_other(unit)
        unit = annotator.name_unit(True, "street", "scene", 2)
        annotator.await_other(unit)
        unit = annotator.name_unit(False, "arch", "shape", 56)
        annotator.await_other(unit)
        browser.wait(lambda: saved() == "Saved", "expected the answers to be saved")
        check("6 by you" in annotator.answered(), f"units answered: {annotator.answered()!r}")
        check_answers([json.loads(line) for line in file.read_text().splitlines()], annotator)
        check_overview(browser, server, annotator)
    check_import(folder, file, annotator, "imported-served")


def check_overview(browser, server, annotator):
    browser.open(f"{server.link}overview.html")
    browser.wait(lambda: browser.find("#done").text, "expected the overview")
    check_equal(browser.find("#done").text,
                f"6 of {UNITS} units done; answers wanted of each: 1", "units done")
    row = [cell.text for cell in browser.find_all("#annotators tbody td")]
    check_equal(row[:3], [annotator.name, "6", "4"], "the annotator's row")
    numbers = [each.text for each in browser.find_all("#units b")]
    check_equal(sorted(numbers), ["0"] * (UNITS - 6) + ["1"] * 6, "answers by unit")
    check_page(browser, has_files=True)
    check_accessible(browser, "the overview")


class Platform(http.server.SimpleHTTPRequestHandler):
    """A crowd platform: the page's files, the template filled in for a unit, and what is posted."""

    posted = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/favicon.ico":
            self.reply("")
            return
        if not self.path.startswith("/hit?"):
            super().do_GET()
            return
        # What the platform puts in place of its columns.
        text = self.template.read_text().replace("${page_url}", "/index.html?unit=3")
        self.reply(text.replace('action=""', 'action="/submit"'))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.posted.append(dict(urllib.parse.parse_qsl(body)))
        self.reply("<title>Thanks</title>")

    def reply(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def crowd(browser, folder):
    """One unit alone, for a crowd platform: its answer is posted, by the page or the template."""
    page = folder / "task" / "page"
    Platform.template = folder / "task" / "hit_template.html"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *each: Platform(*each, directory=page))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"

    def check_posted(annotator, assignment):
        posted = browser.wait(lambda: Platform.posted and Platform.posted.pop(),
                              "expected that the answer is posted")
        check_equal(posted["assignmentId"], assignment, "the assignment")
        check_answers([json.loads(posted["answer"])], annotator)

    browser.open(f"{address}/index.html?unit=2&assignment=A-17&submit=/submit")
    worker = Annotator(browser, "A-17")
    check_equal(worker.await_unit(lambda each: True), 2, "the unit that is asked for")
    check(not browser.find("#ways").is_displayed(), "there are ways to other units")
    worker.click_tiles(negatives_of(2)[1:])
    worker.click_rest("sky", "object")
    check_refused(worker, 2, worker.submit_by_mouse)
    worker.click_tiles(negatives_of(2)[:1])
    worker.submit_by_mouse()
    worker.said[2] = ("sky", "object", negatives_of(2))
    check_posted(worker, "A-17")

    browser.open(f"{address}/hit?assignmentId=A-18&workerId=W-1")
    browser.driver.switch_to.frame(browser.find("#frame"))
    worker = Annotator(browser, "W-1")
    check_equal(worker.await_unit(lambda each: True), 3, "the unit that is asked for")
    worker.name_unit(False, "sea", "scene", 2)
    browser.driver.switch_to.default_content()
    check_posted(worker, "A-18")

    # Nobody is told who has no secure address; who only looks cannot answer.
    browser.open(f"{address}/index.html?unit=2&assignment=A-19&submit=http://example.org/")
    check("not a secure address" in browser.find("#broken").text, "an address is not refused")
    browser.open(f"{address}/index.html?unit={UNITS}")
    check(f"unit {UNITS}" in browser.find("#broken").text, "a unit is shown that there is not")
    browser.open(f"{address}/index.html?unit=2&assignment=ASSIGNMENT_ID_NOT_AVAILABLE")
    check(not browser.find("#submit").is_enabled(), "a preview can be answered")
    browser.check_silent()
    server.shutdown()


main(make_pages, exercise, has_files=True, journeys=[offline, crowd, served])
