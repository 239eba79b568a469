"""What a browser shows of a page: what axe finds, whether it fits its window, and a picture."""

import os
from pathlib import Path

PICTURES = Path(
    os.environ.get("THROUGHLINE_SCREENSHOTS")
    or Path(__file__).resolve().parents[2] / "artefacts" / "browser"
)
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
VIEWS = (("desktop", "light"), ("desktop", "dark"), ("phone", "dark"), ("phone", "light"))
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# What a colour scheme can change. The rest is the same in both, and is looked at once a width.
COLOURS = ["color-contrast", "link-in-text-block"]
OPTIONS = {"resultTypes": ["violations"], "preload": False}
# What reaches past the window, deepest last: it says where to look.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(-3).map((one) => "wider than the window: " + one.outerHTML.slice(0, 120))"""
# A page that was opened without scripts has no clock either, and axe waits for one.
RUN = """options => {
  const clock = window.setTimeout;
  window.setTimeout = (act, wait) => {
    if (!(wait > 500)) Promise.resolve().then(act);
    return 0;
  };
  return axe.run(options).finally(() => { window.setTimeout = clock; });
}"""
UNFOLD = 'for (const one of document.querySelectorAll("main details")) one.open = true'


def shoot(page, name):
    """Keep a picture of the whole page, under a name that tells."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def look_at(page, name, views=VIEWS, *, pictures=None):
    """Return what is wrong with the page that is open, in each of some views.

    A view is a width and a colour scheme. Keeps a picture of each, or of `pictures` alone. Each
    problem names its view and the element.
    """
    found, widths = [], set()
    for width, scheme in views:
        across, down = WIDTHS[width]
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": across, "height": down})
        rules = COLOURS if width in widths else EVERYTHING
        widths.add(width)
        problems = page.evaluate(TOO_WIDE) + axe(page, rules)
        found += [f"{name}, {width}, {scheme}: {problem}" for problem in problems]
        if pictures is None or (width, scheme) in pictures:
            shoot(page, f"{name}-{width}-{scheme}")
    return found


def axe(page, rules):
    """Return what axe finds wrong with the page that is open, by rules or by their tags."""
    from axe_playwright_python.base import AXE_SCRIPT

    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    results = page.evaluate(RUN, OPTIONS | {"runOnly": rules})
    return [
        f"{one['id']}, {len(one['nodes'])} times: {one['nodes'][0]['html'][:160]}"
        for one in results["violations"]
    ]


def unfold(page):
    """Open everything that can be unfolded, so that forms are looked at, too."""
    page.evaluate(UNFOLD)


class Seen:
    """The pages that a walk comes through, and what is wrong with them."""

    def __init__(self, way):
        schemes = ("light", "dark") if way.scripts else ("dark", "light")
        self.views = tuple((way.width, scheme) for scheme in schemes)
        self.way, self.problems = way, []

    def at(self, page, name):
        """Look at the page that is open in both colour schemes; keep a picture of the first."""
        named = f"{name}-{self.way.name}"
        self.problems += look_at(page, named, self.views, pictures=self.views[:1])
