"""Names that attack, clouds that are hardly there, files that are broken, browsers that lack."""

import base64
import gzip
import re

import numpy as np
import pytest
from networks import network, rings

import unknot as uk
from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.views.page import page_file, page_html

pytestmark = pytest.mark.slow

HOSTILE = (
    "</script><script>window.hit = 1</script>",
    "<img src=x onerror='window.hit=1'>",
    "\"'><svg onload=window.hit=1>",
    "&lt;b&gt; &amp; \u202egnirts\u202c \u0000 \ud800 🙂",
    "x" * 10_000,
    "javascript:window.hit=1",
)


def hostile_trace():
    data = Dataset(
        np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32),
        np.arange(60) % 6,
        HOSTILE,
        HOSTILE,
        HOSTILE[0],
    )
    return uk.trace(network([6, 5, 6], output="softmax"), data)


def test_hostile_names_are_only_text(open_page):
    page = open_page([hostile_trace(), hostile_trace()], fragment="#view=3d")
    tour = """async () => {
      for (const state of [{ t: 0.5 }, { t: 1, pairs: true },
          { pairs: false, selection: [0, 1, 2] },
          { colour: 'unit:0:0', trails: true }, { t: 3 }, { colour: 'predicted' }]) {
        unknot.set(state);
        await new Promise(r => requestAnimationFrame(() => setTimeout(r)));
      }
    }"""
    page.page.evaluate(tour)
    page.page.mouse.move(300, 300)
    page.page.keyboard.press("?")
    page.settle()
    assert page.page.evaluate("window.hit") is None
    assert page.page.evaluate("document.querySelectorAll('script').length") == 2
    assert (
        page.page.evaluate(
            "unknot.element.shadowRoot.querySelectorAll('img, script, iframe').length"
        )
        == 0
    )
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 900


def test_the_policy_stops_what_a_page_might_still_try(open_page):
    page = open_page(uk.trace(network([2, 3, 1]), rings(20)), check=False)
    blocked = page.page.evaluate(
        """async () => {
          let blocked = 0;
          for (const go of [() => fetch('https://example.com'),
              () => import('data:text/javascript,1'),
              () => eval('1'), () => new Function('return 1')()]) {
            try { await go(); } catch { blocked++; }
          }
          return blocked;
        }"""
    )
    assert blocked == 4


def test_a_site_that_forbids_the_script_leaves_a_sentence(chromium):
    html = page_html(uk.trace(network([2, 3, 1]), rings(20)))
    pages = {
        "http://strict.test/": ("<iframe src='/page' sandbox width=800 height=300></iframe>", ""),
        "http://strict.test/page": (html, "script-src 'self'; style-src 'self'"),
    }

    def answer(route):
        body, policy = pages[route.request.url]
        headers = {"content-type": "text/html", "content-security-policy": policy}
        route.fulfill(body=body, headers=headers)

    tab = chromium.new_page()
    tab.route("**/*", answer)
    for address in ("http://strict.test/page", "http://strict.test/"):
        tab.goto(address)
        frame = tab.frames[-1]
        sentence = frame.get_by_text("Nothing moves: the script in this file does not run.")
        sentence.wait_for()
    tab.close()


def test_the_sentence_is_not_seen_where_the_page_is_drawn(open_page):
    page = open_page(uk.trace(network([2, 3, 1]), rings(20)))
    assert page.page.evaluate("document.querySelector('#unknot').childNodes.length") == 0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_points(open_page, n):
    trace = uk.trace(network([2, 3, 1]), rings(max(n, 1)), lattice=False)
    few = uk.Trace.from_arrays(
        [r.values[:n] for r in trace.representations], trace.labels[:n], maps=trace.maps
    )
    page = open_page(few)
    for state in ({"t": 0.3}, {"t": 1, "view": "3d"}, {"t": 4, "colour": "predicted"}):
        places, extent = page.places(state, 3 if state.get("view") else 2, n_rows=n)
        assert np.isfinite(places).all()
        assert extent["radius"] > 0


def test_4096_units(open_page):
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(300, 4096)).astype(np.float32)
    labels = np.arange(300) % 2
    wide[:, 0] += 40 * labels
    page = open_page(uk.Trace.from_arrays([wide[:, :2], wide], labels))
    layer = page.page.evaluate("unknot.file.runs[0].header.representations[1]")
    assert (layer["name"], layer["whole_units"]) == ("layer 1", 4096)
    assert layer["reduced"].startswith("64 directions stand for 4,096 units")
    places, _ = page.places({"t": 1}, 2, n_rows=300)
    assert abs(np.corrcoef(places[:, 0], labels)[0, 1]) > 0.9


def test_a_regression_target_and_one_class(open_page):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2)).astype(np.float32)
    for labels in (x[:, 0] * 3.5, np.zeros(80)):
        page = open_page(
            uk.Trace.from_arrays([x, np.tanh(x)], labels, maps=[uk.Activation("tanh")])
        )
        places, _ = page.places({"t": 1}, 2, n_rows=80)
        assert np.abs(places - np.tanh(x)).max() < 1e-3


def test_nan_is_refused_in_python():
    with pytest.raises(UsageError, match="has NaN or infinity in 1 of 2 rows"):
        uk.Trace.from_arrays([[[1.0, np.nan], [0, 0]]], [0, 1])


def sound():
    return page_html(uk.trace(network([2, 3, 1]), rings(30)))


def with_scene(text, scene):
    packed = base64.b64encode(gzip.compress(scene)).decode()
    return re.sub(r'(id="unknot-page">)[^<]*', lambda match: match[1] + packed, text, count=1)


def sentence(page):
    return page.page.evaluate(
        "document.querySelector('#unknot').shadowRoot.querySelector('.failed')?.textContent"
    )


def broken_pages():
    scene = page_file(uk.trace(network([2, 3, 1]), rings(30)))
    newer = scene[:4] + (99).to_bytes(4, "little") + scene[8:]
    text = sound()
    cut = re.sub(r'(id="unknot-page">.{400})[^<]*', r"\1", text, count=1)
    yield cut, "damaged"
    yield re.sub(r'(id="unknot-page">)[^<]*', r"\1", text, count=1), "holds no data"
    yield with_scene(text, newer), "newer unknot"
    yield with_scene(text, scene[:-100]), "cut off"
    yield with_scene(text, b"PK" + scene[2:]), "not an unknot page file"
    yield with_scene(text, scene.replace(b'"n_in":2', b'"n_in":7', 1)), "does not lead"


def test_a_broken_file_is_a_sentence(open_page):
    for text, words in broken_pages():
        page = open_page(text, check=False)
        assert words in (sentence(page) or ""), words


def test_without_webgl_there_is_a_still_picture(open_page):
    script = """const real = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind === 'webgl2' ? null : real.call(this, kind, ...rest);
      };"""
    page = open_page(uk.trace(network([2, 3, 1]), rings(50)), script=script)
    page.settle()
    stand_in = page.locate(".stand-in")
    assert stand_in.is_visible()
    assert "WebGL2" in stand_in.inner_text()
    assert (
        page.page.evaluate("unknot.element.shadowRoot.querySelectorAll('.stand-in circle').length")
        >= 50
    )


def test_a_lost_context_comes_back(open_page):
    page = open_page(uk.trace(network([2, 3, 1]), rings(50)))
    before, _ = page.places({"t": 1.4}, 2, n_rows=50)
    page.page.evaluate(
        """async () => {
          const lose = unknot.canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
          const once = { once: true };
          const wait = name => new Promise(r => unknot.canvas.addEventListener(name, r, once));
          const lost = wait('webglcontextlost');
          lose.loseContext();
          await lost;
          // Only what has been heard can be taken back.
          await new Promise(r => setTimeout(r));
          const back = wait('webglcontextrestored');
          lose.restoreContext();
          await back;
          await new Promise(r => requestAnimationFrame(() => setTimeout(r)));
        }"""
    )
    after, _ = page.places({"t": 1.4}, 2, n_rows=50)
    assert np.array_equal(before, after)
