"""The report: sections in the paper's order, and units to browse by mouse, keys and links."""

import base64
import json
import os
import re
import time

from browser import Keys, check, check_accessible, check_equal, check_page, main, run

LAYERS = ["conv4", "pool5"]
NETWORKS = ["scene_net", "object_net"]


def make_run(folder):
    """A run of few images that has every section but those of people's labels."""
    world, out = folder / "world", folder / "a run & <b>its</b> report"
    run("synth", "--kind", "scenes", "--train", 0, "--val", 32, "--out", world)
    images = ["--images", world / "scenes.json"]
    layers = [word for layer in LAYERS for word in ("--layer", layer)]
    for network in NETWORKS:
        common = ["--network", network, *images]
        run("classify", *common, "--out", out / "classify" / network)
        run("rf", *common, *layers, "--sample", 3, "--k", 3, "--stride", 24, "--pipelines",
            "--out", out / "rf" / network)
        run("annotate", "auto", *common, "--layer", "pool5", "--min-images", 2, "--out",
            out / "labels" / network)
        run("segment", *common, "--layer", "pool5", "--labels", out / "labels" / network,
            "--record", out / "labels" / network, "--out", out / "segment" / network)
    run("info", "--network", "scene_net", "--out", out / "info")
    run("simplify", *images, "--limit", 2, "--segments", "annotated", "--out", out / "simplify")
    return out


def make_pages(folder):
    out = make_run(folder)
    run("report", out)
    run("report", out, "--folder", "--title", "Pictures beside", "--out", folder / "beside")
    return [out / "report.html"]


def count(browser):
    """How many units the page says that it shows, and how many cards it has."""
    said = int(browser.find("#count").text.split()[0])
    check_equal(len(browser.find_all(".card")), said, "cards")
    return said


def choose(browser, name, value):
    browser.script(
        "const [name, value] = arguments, field = document.getElementById(name);"
        "if (field.type === 'checkbox') field.checked = value; else field.value = value;"
        "field.dispatchEvent(new Event('input', {bubbles: true}));", name, value)


def labels_of(browser):
    return [card.text.split("\n")[0] for card in browser.find_all(".card")]


def close(browser):
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: not browser.find_all("#unit[open]"), "the unit's view closes")


def exercise(browser, page):
    data = json.loads(browser.script("return document.getElementById('data').textContent"))
    units = data["units"]
    check_equal(count(browser), len(units), "units without a filter")
    check_equal(len(browser.find_all("#found li")), 5, "sentences")
    check(not browser.find_all("b b"), "a folder's name has become a part of the page")
    titles = [title.text for title in browser.find_all("#sections h2")]
    check_equal(titles[0], "The paper’s figures and these", "the first section")
    # What is missing says what makes it.
    check("netdissect emergence" in browser.find("#emergence").text, "no command for what is missing")
    check("netdissect rf" in browser.find("#fields").get_attribute("textContent"), "no command")
    check("72.0 ± 20.0" in browser.find("#fields table").text, "Table 2 without the paper's row")
    # Contents lead to their sections.
    for link in browser.find_all("#contents a"):
        name = link.get_attribute("href").split("#")[1]
        link.click()
        top = browser.find(f"#{name}").rect["y"] - browser.script("return scrollY")
        check(-2 < top < 900, f"{name} is not in view: {top}")
    # The key of the search, words in it, and nothing found.
    browser.script("document.activeElement.blur()")
    browser.press("/")
    label = next(unit["label"] for unit in units if unit.get("label"))
    browser.press(*label)
    expected = [unit for unit in units if label in (unit.get("label") or "")]
    check(0 < len(expected) < len(units), "expected a label of some units")
    check_equal(count(browser), len(expected), f"units with {label}")
    check_equal(set(labels_of(browser)), {unit["label"] for unit in expected}, "labels")
    browser.press(*"zzzz")
    check_equal(count(browser), 0, "units of no such label")
    choose(browser, "search", "")
    # Filters, and an order by a number: what has none is last.
    choose(browser, "network", "scene_net")
    choose(browser, "layer", "pool5")
    in_layer = [unit for unit in units if data["networks"][unit["n"]]["name"] == "scene_net" and
                data["networks"][unit["n"]]["layers"][unit["l"]]["name"] == "pool5"]
    check_equal(count(browser), len(in_layer), "units of a layer")
    choose(browser, "sort", "iou")
    falling = [float(found) for card in browser.find_all(".card")
               for found in re.findall(r"IoU ([\d.]+)", card.text)]
    check(len(falling) > 3 and falling == sorted(falling, reverse=True), f"order: {falling}")
    choose(browser, "labelled", True)
    check_equal(count(browser), sum(bool(unit.get("label")) for unit in in_layer), "labelled")
    choose(browser, "labelled", False)
    # The address carries the filters to whoever gets it.
    address = browser.driver.current_url
    check("network=scene_net" in address and "sort=iou" in address, f"no filters in {address}")
    first = labels_of(browser)
    browser.open("about:blank")
    browser.open(address)
    check_equal(labels_of(browser), first, "units of a shared address")
    # Arrows between cards, Enter opens one, arrows go on, Escape comes back.
    cards = browser.find_all(".card")
    browser.script("arguments[0].focus()", cards[0])
    browser.press(Keys.ARROW_RIGHT)
    check(browser.script("return document.activeElement === arguments[0]", cards[1]),
          "the arrow does not lead to the next card")
    browser.press(Keys.ARROW_DOWN, Keys.ARROW_UP)
    check(browser.script("return document.activeElement === arguments[0]", cards[1]),
          "down and up do not lead back")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.find_all("#unit[open]"), "a unit's view opens")
    second = browser.find("#unit-title").text
    check("pool5 unit" in second, f"title: {second}")
    for image in browser.find_all("#unit-body > img, #unit-body figure img"):
        browser.check_shown(image)
    browser.press(Keys.ARROW_RIGHT)
    browser.wait(lambda: browser.find("#unit-title").text != second, "the next unit")
    browser.press(Keys.ARROW_LEFT)
    browser.wait(lambda: browser.find("#unit-title").text == second, "the unit before")
    unit_address = browser.driver.current_url
    check("#unit/scene_net/pool5/" in unit_address, f"address: {unit_address}")
    check_accessible(browser, "a unit's view")
    close(browser)
    check("#units?" in browser.driver.current_url, "the filters' address is not back")
    browser.open("about:blank")
    browser.open(unit_address)
    browser.wait(lambda: browser.find_all("#unit[open]"), "a shared unit opens")
    check_equal(browser.find("#unit-title").text, second, "a shared unit")
    close(browser)
    # A measured unit shows all that is known of it.
    measured = next(unit for unit in in_layer if "pipeline" in unit and "row" in unit)
    browser.open(address.split("#")[0] + f"#unit/scene_net/pool5/{measured['unit']}")
    browser.wait(lambda: browser.find_all("#unit[open]"), "a measured unit opens")
    text = browser.find("#unit").text
    for part in (f"{measured['size']:.1f} px", "in theory", "Figure 3", "segmented by it"):
        check(part in text, f"expected {part!r} of unit {measured['unit']}, found {text!r}")
    check_equal(len(browser.find_all("#unit-body > img")), 2, "row and pipeline")
    points = browser.script("return document.querySelector('.curve polyline').points.length")
    check_equal(points, len(measured["top"]), "points of the responses' curve")
    close(browser)
    # No such unit.
    browser.script("location.hash = '#unit/scene_net/pool5/99999'")
    browser.wait(lambda: "No unit" in browser.find("#count").text, "a missing unit is said")
    # Two networks beside each other.
    browser.script("location.hash = '#units?network=scene_net&beside=object_net'")
    browser.wait(lambda: len(browser.find_all(".pane")) == 2, "two panes")
    check_equal([pane.text.split(":")[0] for pane in browser.find_all(".pane h3")], NETWORKS,
                "networks beside each other")
    check_equal(count(browser), len(units), "units of both")
    # A table as it is pasted into a paper.
    details = browser.find("#paper details + details")
    browser.script("arguments[0].open = true", details)
    check("\\begin{tabular}" in details.find_element("css selector", "pre").text, "no LaTeX")
    check_accessible(browser, "the report")


def pictures_beside(browser, folder):
    """Files beside the page are shown, and nothing else is loaded."""
    browser.open(folder / "beside" / "report.html")
    browser.script("window.dispatchEvent(new Event('beforeprint'))")
    pictures = browser.find_all("#sections img")
    check(len(pictures) > 10, f"pictures: {len(pictures)}")
    for image in pictures:
        check("/beside/report/" in image.get_property("src"), "a picture from elsewhere")
        browser.check_shown(image)
    check_page(browser, has_files=True)
    browser.check_silent()


def paper_and_speed(browser, folder):
    """On paper the pictures are there; a report of a thousand units opens at once."""
    page = folder / "a run & <b>its</b> report" / "report.html"
    browser.open(page)
    browser.script("window.dispatchEvent(new Event('beforeprint'))")
    browser.wait(lambda: browser.script(
        "return [...document.querySelectorAll('#sections img')].every(each => each.complete &&"
        " each.naturalWidth > 0)"), "the sections' pictures are loaded for paper")
    pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    check(pdf[:4] == b"%PDF" and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3, "pages on paper")
    if "NETDISSECT_PAGE_OUT" in os.environ:
        open(os.path.join(os.environ["NETDISSECT_PAGE_OUT"], "report.pdf"), "wb").write(pdf)

    text = page.read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])
    some = [unit for unit in data["units"] if "row" in unit]
    data["units"] = [{**some[i % len(some)], "unit": i} for i in range(1000)]
    many = folder / "many.html"
    packed = json.dumps(data).replace("<", "\\u003c")
    many.write_text(re.sub(r'(id="data">).*?(</script>)', lambda m: m[1] + packed + m[2], text,
                           flags=re.S))
    begin = time.monotonic()
    browser.open(many)
    check_equal(count(browser), 1000, "units")
    browser.find("#search").send_keys("zz")
    check_equal(count(browser), 0, "units found")
    seconds = time.monotonic() - begin
    loaded = browser.script("return [...document.querySelectorAll('.card img')].length")
    check_equal(loaded, 0, "pictures of units that are not there")
    heap = browser.driver.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"]
    print(f"1000 units, {many.stat().st_size / 1e6:.1f} MB: usable after {seconds:.2f} s, "
          f"{heap / 1e6:.0f} MB of script memory")
    check(seconds < 10, f"expected a page of 1000 units within seconds, took {seconds:.1f} s")


if __name__ == "__main__":
    main(make_pages, exercise, journeys=[pictures_beside, paper_and_speed])
