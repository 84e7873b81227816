"""The page of `simplify`: a slider, keys and the curve show the picture after each removal."""

import json
import shutil

from browser import Keys, check, check_equal, main, run


def make_pages(folder):
    world = folder / "world"
    run("synth", "--kind", "scenes", "--train", 0, "--val", 4, "--out", world)
    annotated = folder / "annotated"
    run("simplify", "--images", world / "scenes.json", "--limit", 1, "--segments", "annotated",
        "--out", annotated)
    # A picture whose name would be a part of the page, if names were not text.
    pictures = folder / "pictures"
    pictures.mkdir()
    hostile = "<img src=x onerror=\"document.title = 'broken'\"> & Straße, 駅"
    shutil.copy(next(world.rglob("bedroom/*.jpg")), pictures / f"{hostile}.jpg")
    automatic = folder / "automatic"
    run("simplify", "--images", pictures, "--limit", 1, "--most-regions", 12, "--most-edges", 4,
        "--out", automatic)
    pages = [*annotated.rglob("*.html"), *automatic.rglob("*.html")]
    check_equal(len(pages), 2, "pages")
    return pages


def exercise(browser, page):
    result = json.loads(page.with_suffix(".json").read_text())["result"]
    last = len(result["steps"])
    check(last >= 2, f"expected some removals, found {last}")
    picture, slider = browser.find("#picture"), browser.find("#step")
    check_equal(browser.find("#image").text, result["image"], "the image's name")
    check("broken" not in browser.driver.title, "a name has become a part of the page")
    pictures = {}

    def check_step(step):
        """The page shows this many removals, everywhere."""
        check_equal(int(slider.get_property("value")), step, "the slider")
        browser.check_shown(picture)
        source = picture.get_property("src")
        check_equal(pictures.setdefault(step, source), source, f"the picture at {step}")
        said = browser.find("#said").text
        probability = result["steps"][step - 1]["probability"] if step else result["probability"]
        check(f"{probability:.3f}" in said, f"expected {probability:.3f}, found {said!r}")
        if step:
            check(result["steps"][step - 1]["segment"] in said, f"no segment: {said!r}")
        check_equal(browser.find("#back").is_enabled(), step > 0, "the button back")
        check_equal(browser.find("#on").is_enabled(), step < last, "the button on")

    check_step(0)
    # The slider has the focus from the beginning, and has keys of its own.
    browser.press(Keys.ARROW_RIGHT)
    check_step(1)
    browser.press(Keys.END)
    check_step(last)
    browser.press(Keys.ARROW_RIGHT)
    check_step(last)
    browser.press(Keys.HOME)
    check_step(0)
    # Arrow keys anywhere on the page.
    browser.script("document.activeElement.blur()")
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    check_step(2)
    browser.press(Keys.ARROW_LEFT)
    check_step(1)
    browser.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    check_step(0)
    # Buttons.
    browser.find("#on").click()
    check_step(1)
    browser.find("#back").click()
    check_step(0)
    # A click on the slider, and on the curve's ends.
    browser.click_at(slider, 0.5)
    middle = int(slider.get_property("value"))
    check(0 < middle < last or last < 3, f"expected the slider in the middle, found {middle}")
    check_step(middle)
    curve = browser.find("#curve")
    browser.click_at(curve, 0.98)
    check_step(last)
    check("minimal" in browser.find("#said").text or "left" in browser.find("#said").text,
          "the last step does not say that it is the last")
    browser.click_at(curve, 0.02)
    check_step(0)
    points = browser.script("return document.querySelector('#curve polyline').points.length")
    check_equal(points, last + 1, "points of the curve")
    check_equal(len(set(pictures.values())), len(pictures), "pictures that differ")
    # The curve as a file of lines is that of the PNG.
    stem = page.with_suffix("")
    drawn = browser.difference(stem.with_name(stem.name + "_curve.svg"),
                               stem.with_name(stem.name + "_curve.png"))
    check(drawn < 2, f"the curve's SVG is not its PNG: mean difference {drawn}")


main(make_pages, exercise)
