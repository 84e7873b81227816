"""Somebody before the annotators' page, who knows the task: what tests use to name units by mouse
and by keys."""

import re

from browser import Keys, check_equal

task = {}  # export.json


def negatives_of(unit):
    return [i for i, tile in enumerate(task["units"][unit]["tiles"]) if tile["negative"]]


def positives_of(unit):
    return [i for i, tile in enumerate(task["units"][unit]["tiles"]) if not tile["negative"]]


class Annotator:
    """Somebody before the page."""

    def __init__(self, browser, name):
        self.browser = browser
        self.name = name
        self.said = {}  # by unit: (label, group, tiles crossed out)

    def enter(self):
        """Says who they are: asked for, or by the button that changes the name."""
        if not self.browser.find("#asking").is_displayed():
            self.browser.find("#annotator").click()
        field = self.browser.find("#name")
        field.clear()
        field.send_keys(self.name, Keys.ENTER)
        self.await_unit(lambda unit: True)
        check_equal(self.browser.find("#annotator").text, self.name, "the annotator's name")

    def unit(self):
        """Index of the unit that is shown, with its images; -1 = none yet."""
        shown = re.fullmatch(r"(.*), unit (\d+)", self.browser.find("#unit").text)
        is_loading = self.browser.find("#grid").get_attribute("aria-busy") != "false"
        if not shown or is_loading:
            return -1
        names = [(unit["layer"], unit["unit"]) for unit in task["units"]]
        return names.index((shown[1], int(shown[2])))

    def await_unit(self, condition):
        unit = self.browser.wait(
            lambda: (lambda unit: unit >= 0 and condition(unit) and (unit,))(self.unit()),
            "expected a unit to be shown")
        return unit[0]

    def await_other(self, unit):
        return self.await_unit(lambda shown: shown != unit)

    def crossed(self):
        names = self.browser.script(
            "return [...document.querySelectorAll('.tile')].map(tile => tile.ariaLabel)")
        pressed = self.browser.script(
            "return [...document.querySelectorAll('.tile')].map(tile => tile.ariaPressed)")
        tiles = [i for i, state in enumerate(pressed) if state == "true"]
        for i, name in enumerate(names):
            check_equal(name, f"Image {i + 1}" + (", crossed out" if i in tiles else ""), "a tile")
        return tiles

    def group(self):
        return self.browser.script(
            "return document.querySelector('#groups :checked')?.value ?? ''")

    def label(self):
        return self.browser.find("#concept").get_property("value")

    def draft(self):
        return self.label(), self.group(), self.crossed()

    def notice(self):
        return self.browser.find("#notice").text

    def answered(self):
        return self.browser.find("#progress-text").text

    # By mouse.

    def click_tiles(self, tiles):
        elements = self.browser.find_all(".tile")
        for tile in tiles:
            elements[tile].click()

    def click_rest(self, label, group):
        """Writes the concept and chooses the suggestion where there is one, then the group."""
        self.browser.find("#concept").click()
        self.browser.press(label)
        offered = [each for each in self.browser.find_all("#suggestions [role=option]")
                   if each.is_displayed() and each.text == label]
        if offered:
            offered[0].click()
        for choice in self.browser.find_all("#groups label"):
            if choice.find_element("css selector", "input").get_property("value") == group:
                choice.click()

    def submit_by_mouse(self):
        self.browser.find("#submit").click()

    # By keys.

    def go_to_tile(self, tile):
        """From the first, by arrows alone."""
        columns = self.browser.script(
            "return getComputedStyle(document.getElementById('grid'))"
            "    .gridTemplateColumns.split(' ').length")
        self.browser.press(Keys.HOME)
        self.browser.press(*[Keys.ARROW_DOWN] * (tile // columns))
        self.browser.press(*[Keys.ARROW_RIGHT] * (tile % columns))
        check_equal(self.browser.driver.switch_to.active_element.accessible_name.split(",")[0],
                    f"Image {tile + 1}", "the tile with the focus")

    def press_tiles(self, tiles):
        for i, tile in enumerate(tiles):
            self.go_to_tile(tile)
            self.browser.press(Keys.SPACE if i % 2 else "x")

    def press_rest(self, label, group):
        groups = [each["name"] for each in task["taxonomy"]["groups"]]
        self.browser.press("c", label, Keys.ENTER, str(groups.index(group) + 1))

    def submit_by_keys(self):
        self.browser.press_with([Keys.CONTROL], Keys.ENTER)

    def name_unit(self, by_keys, label, group, wrong):
        """Names the unit that is shown; besides the negatives, the first `wrong` others do not
        show the concept."""
        unit = self.unit()
        tiles = negatives_of(unit) + positives_of(unit)[:wrong]
        if by_keys:
            self.press_tiles(tiles)
            self.press_rest(label, group)
        else:
            self.click_tiles(tiles)
            self.click_rest(label, group)
        check_equal(self.draft(), (label, group, sorted(tiles)), f"draft of unit {unit}")
        self.submit_by_keys() if by_keys else self.submit_by_mouse()
        self.said[unit] = (label, group, sorted(tiles))
        return unit
