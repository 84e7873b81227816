"""What tests of pages share: the program, a headless Chromium, and what has to hold for every page.

A test is a program of its own: `python3 PAGE.py PROGRAM`, where PROGRAM is netdissect. It ends with
0, with 1 where something is wrong, and with 77 where there is no browser to test with.
"""

import base64
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77


def skip(missing):
    print(f"skipped: expected {missing}, found none")
    sys.exit(SKIPPED)


try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    skip("Selenium (Debian: python3-selenium)")

# Width and height of the window, and whether its user likes pages dark.
VIEWS = [(1280, 900, False), (1280, 900, True), (390, 844, False), (390, 844, True)]


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def check_equal(found, expected, what):
    check(found == expected, f"{what}: expected {expected!r}, found {found!r}")


def run(*arguments):
    """Runs the program that is tested, which has to succeed."""
    words = [sys.argv[1], *map(str, arguments)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check(done.returncode == 0, f"{' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def data_uri(path):
    kind = {".svg": "image/svg+xml", ".png": "image/png"}[path.suffix]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


class Browser:
    """A Chromium with a fresh profile, which leaves nothing behind."""

    def __init__(self, folder):
        chromium = shutil.which("chromium") or skip("Chromium (Debian: chromium)")
        driver = shutil.which("chromedriver") or skip("its driver (Debian: chromium-driver)")
        options = Options()
        options.binary_location = chromium
        for argument in (
            "headless",
            "no-sandbox",  # which root may not use
            "disable-gpu",
            "disable-dev-shm-usage",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            f"user-data-dir={folder / 'profile'}",
        ):
            options.add_argument(f"--{argument}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(driver), options=options)
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def view(self, width, height, dark):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, page):
        """A file, or an address."""
        self.driver.get(page if isinstance(page, str) else page.resolve().as_uri())

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def press(self, *keys):
        """Presses keys where the focus is."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def press_with(self, held, key):
        """Presses a key while others are held."""
        chain = ActionChains(self.driver)
        for each in held:
            chain.key_down(each)
        chain.send_keys(key)
        for each in held:
            chain.key_up(each)
        chain.perform()

    def hold(self, key, is_down):
        """Presses a letter and leaves it down, or lets it go."""
        self.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {
            "type": "keyDown" if is_down else "keyUp", "key": key, "text": key if is_down else ""})

    def wait(self, condition, what, seconds=20):
        """Waits until `condition()` holds, and returns what it says."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            check(time.monotonic() < end, f"waited {seconds} s in vain: {what}")
            time.sleep(0.02)

    def click_at(self, element, share):
        """Clicks within the element, at this share of its width."""
        offset = round((share - 0.5) * element.size["width"])
        ActionChains(self.driver).move_to_element_with_offset(element, offset, 0).click().perform()

    def check_silent(self):
        said = [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]
        check(not said, "the console says\n  " + "\n  ".join(said))

    def check_shown(self, *images):
        """The pictures of these <img> are there."""
        hidden = self.driver.execute_async_script(
            """
            const done = arguments[arguments.length - 1], images = [...arguments].slice(0, -1);
            const shown = image => image.decode().then(
                () => image.naturalWidth > 0 && image.checkVisibility(), () => false);
            Promise.all(images.map(shown)).then(all => done(images.filter((_, i) => !all[i])
                .map(image => image.outerHTML.slice(0, 80))));
            """,
            *images,
        )
        check_equal(hidden, [], "pictures that do not show")

    def nameless(self):
        """Of what people click on, fill in or look at, and of dialogs in front alone where there is
        one: what has no name."""
        names = {}  # by role and number in the page
        tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        for node in tree:
            role = node.get("role", {}).get("value")
            if not node["ignored"] and role in NAMED_ROLES:
                names[role, node["backendDOMNodeId"]] = node.get("name", {}).get("value", "").strip()
        check(names, "expected something with a name, found nothing")
        html = lambda number: self.driver.execute_cdp_cmd(
            "DOM.getOuterHTML", {"backendNodeId": number})["outerHTML"]
        return [f"{role}: {html(number)[:80]}" for (role, number), name in names.items() if not name]

    def difference(self, first, second):
        """Mean difference of two pictures' pixels, 0 to 255; infinite where their sizes differ."""
        return self.driver.execute_async_script(
            """
            const [first, second, done] = arguments;
            const load = uri => {
              const image = new Image();
              image.src = uri;
              return image.decode().then(() => image);
            };
            const pixels = image => {
              const canvas = document.createElement('canvas');
              [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
              const context = canvas.getContext('2d');
              context.drawImage(image, 0, 0);
              return context.getImageData(0, 0, canvas.width, canvas.height).data;
            };
            Promise.all([load(first), load(second)]).then(images => {
              const [a, b] = images.map(pixels);
              if (images[0].naturalWidth !== images[1].naturalWidth || a.length !== b.length) {
                return done(Infinity);
              }
              let sum = 0;
              for (let i = 0; i < a.length; ++i) sum += Math.abs(a[i] - b[i]);
              done(sum / a.length);
            }, () => done(Infinity));
            """,
            data_uri(first),
            data_uri(second),
        )


# Texts that are harder to read than WCAG 2 AA allows, of what is on the page.
FAINT_TEXTS = """
const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const numbers = color => color.match(/[\\d.]+/g).map(Number);
const luminance = color => {
  const [r, g, b] = numbers(color).map(value => linear(value / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const backgroundOf = element => {
  for (let each = element; each; each = each.parentElement) {
    const color = getComputedStyle(each).backgroundColor;
    if ((numbers(color)[3] ?? 1) === 1) return color;
  }
  return 'rgb(255, 255, 255)';
};
const faint = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
  if (!text || element.closest('script, style, noscript, :disabled')) continue;
  const style = getComputedStyle(element);
  const color = element instanceof SVGElement ? style.fill : style.color;
  const lights = [luminance(color), luminance(backgroundOf(element))];
  const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
  const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
  if (contrast < needed) faint.push(`"${text}" ${color}: ${contrast.toFixed(2)}`);
}
return faint;
"""

# What reaches beyond the window's right edge, unless it is scrolled on its own.
TOO_WIDE = """
const scrolled = element => element !== document.body &&
    (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolled(element.parentElement));
const wide = [...document.body.querySelectorAll('*')].filter(
    element => element.getBoundingClientRect().right > innerWidth + 1 &&
               !scrolled(element.parentElement));
const scrolls = document.scrollingElement.scrollWidth > innerWidth;
return wide.map(element => element.outerHTML.slice(0, 80)).concat(scrolls ? ['the page'] : []);
"""

HANDLERS = """
return [...document.querySelectorAll('*')].flatMap(element =>
    element.getAttributeNames().filter(name => name.startsWith('on')));
"""

# A page of several files has them beside it.
REQUESTS = """
const [hasFiles] = arguments, folder = new URL('.', location.href).href;
return performance.getEntriesByType('resource').map(entry => entry.name)
    .filter(name => !name.startsWith('data:') && !(hasFiles && name.startsWith(folder)));
"""

UNDESCRIBED = """
return [...document.querySelectorAll('img')]
    .filter(image => image.checkVisibility() && !image.alt.trim())
    .map(image => image.outerHTML.slice(0, 80));
"""

# Of the accessibility tree.
NAMED_ROLES = {"button", "checkbox", "combobox", "image", "link", "listbox", "radio", "searchbox",
               "slider", "spinbutton", "textbox"}

FOCUS = """
const element = document.activeElement, style = getComputedStyle(element);
const isPage = element === document.body || element === document.documentElement;
return [isPage, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        element.outerHTML.slice(0, 80)];
"""


def check_page(browser, has_files=False):
    """What holds for every page at any size, in light and dark. Only a page that has files beside
    it loads others."""
    check(browser.driver.title, "expected a title, found none")
    check_equal(browser.script("return document.compatMode"), "CSS1Compat", "mode of the page")
    for what, script in (
        ("texts are faint", FAINT_TEXTS),
        ("parts are wider than the window", TOO_WIDE),
        ("parts have handlers in the HTML", HANDLERS),
        ("the page loads other files", REQUESTS),
    ):
        check_equal(browser.script(script, has_files), [], what)
    # Of many that wait until they are seen, the first.
    browser.script("scrollTo(0, 0)")
    images = browser.find_all("img")[:40]
    for waiting in browser.script("return [...arguments].filter(image => !image.src)", *images):
        browser.script("arguments[0].scrollIntoView()", waiting)
        browser.wait(lambda: waiting.get_property("src"), "a picture in view is loaded")
    browser.check_shown(*images)
    check_equal(browser.nameless(), [], "parts without a name")
    check_equal(browser.script(UNDESCRIBED), [], "pictures without a description")
    # Whoever goes through the page by the Tab key sees where they are.
    browser.script("document.activeElement.blur(); scrollTo(0, 0)")
    for stop in range(100):
        browser.press(Keys.TAB)
        is_page, is_visible, element = browser.script(FOCUS)
        if is_page:
            break
        check(is_visible, f"nothing shows that this has the focus: {element}")
    check(stop > 0, "nothing on the page can be reached by the Tab key")


AXE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
                   "netdissect", "axe-core-4.10.3.min.js")


def check_accessible(browser, what):
    """What axe-core finds that keeps people out; skipped where scripts/fetch_axe.sh has fetched no
    axe-core."""
    if not AXE.exists():
        print(f"skipped: {what}: expected {AXE} (scripts/fetch_axe.sh), found none")
        return
    browser.script(AXE.read_text())
    found = browser.driver.execute_async_script(
        "const done = arguments[0];"
        "axe.run({preload: false}).then(result => done(result.violations.flatMap(each =>"
        "    each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)}`))),"
        "    error => done([String(error)]));"
    )
    check_equal(found, [], f"axe-core: {what}")


def main(make_pages, exercise, has_files=False, journeys=()):
    """Tests pages: `make_pages(folder)` returns their files, `exercise(browser, file)` uses one as
    people do. Each is opened anew at every size, in light and dark. Then each of `journeys`, long
    ones, is made once: `journey(browser, folder)`."""
    failures = 0
    with tempfile.TemporaryDirectory(prefix="netdissect-page-") as name:
        folder = pathlib.Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        with Browser(folder) as browser:
            pages = make_pages(folder)
            check(pages, "expected the program to write a page, found none")
            for page in pages:
                for view in VIEWS:
                    try:
                        browser.view(*view)
                        browser.open(page)
                        browser.check_silent()
                        check_page(browser, has_files)
                        browser.open(page)
                        exercise(browser, page)
                        browser.check_silent()
                    except Exception:
                        failures += 1
                        width, height, dark = view
                        print(f"{page.name} at {width} x {height}, {'dark' if dark else 'light'}:")
                        traceback.print_exc(file=sys.stdout)
            for journey in journeys:
                try:
                    browser.view(*VIEWS[0])
                    journey(browser, folder)
                except Exception:
                    failures += 1
                    print(f"{journey.__name__}:")
                    traceback.print_exc(file=sys.stdout)
            print(f"{len(pages)} pages at {len(VIEWS)} views, {len(journeys)} journeys, "
                  f"{failures} failures")
    sys.exit(1 if failures else 0)
