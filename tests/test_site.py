"""The site builds without a warning, is whole in itself, and says what the package says."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from contrast import contrast, texts
from PIL import Image, ImageChops
from waiting import PATIENCE

import unknot as uk

ROOT = Path(__file__).parent.parent
EXTENSIONS = ROOT / "docs" / "extensions"
#: What `pip install 'unknot[docs]'` brings.
BUILDERS = ("sphinx", "myst_parser", "sphinx_gallery", "pydata_sphinx_theme")
MISSING = [name for name in BUILDERS if not find_spec(name)]
LARGEST = 40_000_000


@pytest.fixture
def extensions(monkeypatch):
    monkeypatch.syspath_prepend(str(EXTENSIONS))


def test_lessons_are_the_viewers_own(extensions):
    pytest.importorskip("sphinx", reason="sphinx is not installed: pip install 'unknot[docs]'")
    from lessons import SOURCE, lessons

    text = SOURCE.read_text("utf-8")
    assert len(lessons()) == text.count("\n    title: ") == 7
    for lesson in lessons():
        assert 0 <= lesson.right < len(lesson.choices)
        assert min(map(len, (lesson.title, lesson.question, lesson.task, lesson.truth))) > 10
        page = (ROOT / "docs" / "lessons" / f"{lesson.number}.md").read_text("utf-8")
        assert page.startswith(f"# {lesson.number}. {lesson.title}\n")


def test_the_gallery_says_what_the_examples_say(extensions):
    from gallery import overview, scripts

    for path in scripts():
        first, title, line, *_ = path.read_text("utf-8").splitlines()
        form = f'{path.name}: """, its title, a line of =, then what is seen'
        assert (first, line) == ('"""', "=" * len(title)), form
    told = "Write it anew: python docs/extensions/gallery.py"
    assert (ROOT / "docs" / "gallery.md").read_text("utf-8") == overview(), told


def test_thumbnails_fill_their_place_with_parts_of_their_pictures(extensions):
    from gallery import committed, scripts
    from thumbnails import PARTS, SIZE, thumbnail

    assert PARTS.keys() <= {path.stem for path in scripts()}
    for path in scripts():
        picture = committed(path.stem)
        with Image.open(picture) as opened:
            bottom = 100 * opened.height / opened.width
        for box in PARTS.get(path.stem, []):
            assert 0 <= box[0] < box[2] <= 100, path.stem
            assert 0 <= box[1] < box[3] <= bottom, path.stem
        small = thumbnail(path.stem, picture)
        assert small.size == SIZE
        # All of a tall picture would be a narrow strip in the middle.
        left, _, right, _ = ImageChops.invert(small.convert("L")).getbbox()
        assert right - left > 0.65 * SIZE[0], path.stem


class Page(HTMLParser):
    """Anchors, links, and what is loaded."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loads, self.cards, self.pictures = set(), [], [], [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.anchors.update(named[key] for key in ("id", "name") if named.get(key))
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        self.loads += [named[key] for key in ("src", "data-live") if named.get(key)]
        if tag == "link" and named.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(named["href"])
        if named.get("property") == "og:image":
            self.cards.append(named["content"])
        if tag == "img":
            self.pictures.append(named.get("alt"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A quick build, of a copy of what it is made from."""
    if MISSING:
        pytest.skip(f"{', '.join(MISSING)} not installed: pip install 'unknot[docs]'")
    copy = tmp_path_factory.mktemp("checkout")
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, copy)
    made = shutil.ignore_patterns("made", "auto_examples", "api", "api.rst", "cli.rst", "*.pyc")
    for name in ("docs", "examples", "viewer/src"):
        shutil.copytree(ROOT / name, copy / name, ignore=made)
    (copy / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks" / "README.md", copy / "benchmarks")
    out = copy / "site"
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [*command, "-d", str(copy / "doctrees"), str(copy / "docs"), str(out)],
        env={**os.environ, "UNKNOT_QUICK_DOCS": "1", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return out


def places(page, link):
    """The file that a link leads to, and the anchor in it; nothing for other sites."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    assert not parts.path.startswith("/"), f"{page}: {link} only works at the root of a server"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return target, unquote(parts.fragment)


@pytest.mark.slow
def test_no_link_is_dead_and_nothing_is_fetched(site):
    # The theme's own template, and the live page, which tests/browser opens.
    own = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    pages = {path: Page(path) for path in own if path.name != "live.html"}
    assert len(pages) > 80
    dead = []
    for path, page in pages.items():
        for load in page.loads:
            place = places(path, load)
            if place is None or not place[0].is_file():
                dead.append(f"{path.relative_to(site)} loads {load}")
        for link in page.links:
            place = places(path, link)
            if place is None:
                continue
            target, anchor = place
            known = pages.get(target)
            if not target.is_file() or (anchor and known and anchor not in known.anchors):
                dead.append(f"{path.relative_to(site)} links to {link}")
    assert not dead, "\n".join(dead)


@pytest.mark.slow
def test_it_holds_every_public_name_command_and_lesson(site):
    names = {path.stem for path in (site / "reference" / "api").glob("*.html")}
    from unknot.datasets import generators
    from unknot.views.figures import figures

    public = {f"unknot.{name}" for name in uk.__all__} - {"unknot.datasets", "unknot.figures"}
    public |= {f"unknot.datasets.{name}" for name in generators}
    public |= {f"unknot.figures.{figures[name].__name__}" for name in figures}
    assert public - names == set()
    from unknot.cli.app import program

    commands = (site / "reference" / "cli.html").read_text("utf-8")
    for name in program():
        called = re.search(rf">unknot {name} (--|\[|[A-Z])", re.sub("</?span[^>]*>", "", commands))
        assert name.startswith("-") or called, name
    # The names of tables stand where help has only their place.
    assert "{unknot." not in commands
    for number in range(1, 8):
        lesson = (site / "lessons" / f"{number}.html").read_text("utf-8")
        assert f'data-live="../live.html#lesson={number}"' in lesson


@pytest.mark.slow
def test_it_is_small_and_every_page_has_a_card_and_every_picture_a_text(site):
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < LARGEST
    cards = {path.name for path in (site / "cards").glob("*.png")}
    assert len(cards) >= len(list((ROOT / "examples").glob("*.py")))
    for path in [site / "index.html", *(site / "lessons").glob("*.html")]:
        page = Page(path)
        assert [Path(card).name in cards for card in page.cards] == [True], path
    for path in site.rglob("*.html"):
        if path.name != "live.html":
            assert None not in Page(path).pictures, path


#: Pages of every kind.
KINDS = ("index", "lessons/2", "auto_examples/index", "reference/api/unknot.fit", "howto/notebook")
SHIFTS = """window.shifted = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true })"""
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input, select, iframe")]
  .filter(e => e.checkVisibility() && !(e.ariaLabel || e.title || e.innerText.trim()
    || e.placeholder || e.labels?.length || e.querySelector("img[alt]")))
  .map(e => e.outerHTML.slice(0, 100))"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_jumps_and_everything_can_be_read(site, chromium, scheme):
    for kind in KINDS:
        tab = chromium.new_page(viewport={"width": 1366, "height": 768}, color_scheme=scheme)
        tab.add_init_script(SHIFTS)
        tab.goto((site / f"{kind}.html").as_uri())
        # The icons are letters of a font that comes last.
        tab.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        assert tab.evaluate("window.shifted") <= 0.1, kind
        assert tab.evaluate(NAMELESS) == [], kind
        seen = texts(tab, "document.body")
        faint = {text: (a, b) for text, a, b in seen if contrast(a, b) < 4.5}
        assert len(seen) > 20
        assert faint == {}, kind
        tab.close()
