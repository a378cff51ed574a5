"""A page in a real browser, for tests."""

from pathlib import Path

import numpy as np
from waiting import PATIENCE

import unknot as uk
from unknot.motion.scene import Scene
from unknot.traces.run import Run
from unknot.views.films.training_view import NetworkPath

#: Before there is a viewer, `window.unknot` is the element of that id.
READY = """() => window.unknot?.file !== undefined
  || document.querySelector('#unknot')?.shadowRoot?.querySelector('.failed')"""
#: Sets the state, draws, and reads the first rows back from the GPU. Without the ground, which a
#: processor draws slowly.
PLACES = """([state, n, run]) => {
  unknot.set({ lattice: false, boundary: false, shading: false, ...state });
  const places = unknot.positions(run);
  return [Array.from(places.slice(0, n)), unknot.extent(run)];
}"""

#: The address of a page without the ground: its programs are compiled anew for each page, which
#: takes a third of what a page costs, and no test of texts, keys and fingers looks at it.
BARE = "#lattice=0&boundary=0&shading=0"

#: How much the page has left in the browser.
KEPT = "() => localStorage.length + sessionStorage.length + document.cookie.length"


class Windows:
    """Pages without a past, in windows that stay open.

    A page keeps nothing in the browser, so that none sees what another did.
    """

    def __init__(self, browser):
        self.browser, self.contexts = browser, {}

    def new_page(self, viewport, reduced_motion=None, color_scheme=None, **device):
        """A page in the window of such a device."""
        key = repr(sorted(device.items()))
        if key not in self.contexts:
            self.contexts[key] = self.browser.new_context(accept_downloads=True, **device)
            self.contexts[key].set_default_timeout(1_000 * PATIENCE)
            self.contexts[key].new_page()  # without any the window would close
        page = self.contexts[key].new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(reduced_motion=reduced_motion, color_scheme=color_scheme)
        return page


class Opened:
    """One page, with everything that it said and asked for."""

    def __init__(self, windows, path, options, check):
        self.path, self.check = path, check
        self.page = windows.new_page(**options)
        self.context = self.page.context
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _heard(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def open(self, source, fragment="", script=None):
        """A trace, a run, a list of them, or the text of a whole page."""
        if isinstance(source, str):
            self.path.write_text(source, "utf-8")
        else:
            uk.page(source, self.path)
        if script:
            self.page.add_init_script(script)
        self.page.goto(self.path.as_uri() + fragment)
        self.page.wait_for_function(READY)

    def close(self):
        own = self.path.as_uri()
        others = [url for url in self.requests if url.split("#")[0] != own and not _is_inside(url)]
        kept = self.page.evaluate(KEPT) if self.check else 0
        self.page.close()
        assert not kept, "the page keeps something in the browser"
        assert not others, others
        if self.check:
            assert not self.errors, self.errors

    def places(self, state, n_axes, n_rows=300, run=0):
        """Rows of the cloud as the GPU has them, (n_rows, n_axes), and the box that is shown."""
        values, extent = self.page.evaluate(PLACES, [state, n_rows * n_axes, run])
        return np.array(values).reshape(-1, n_axes), extent

    def get(self, name):
        return self.page.evaluate("name => unknot.get()[name]", name)

    def settle(self):
        """Let a frame pass."""
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => setTimeout(r)))")

    def locate(self, selector, **options):
        return self.page.locator(selector, **options)


def _is_inside(url):
    return url.startswith(("data:", "blob:"))


def oracle(source, u, **options):
    """Python's own scene of a source at moment `u` of its training."""
    if isinstance(source, Run):
        return Scene(uk.trace(NetworkPath(source).at(u), source.data), **options)
    return Scene(source, **options)


def last_moment(source):
    return len(source.checkpoints) - 1 if isinstance(source, Run) else 0


def share_of_width(opened, source, t, u, *, projection="following", n_axes=2, units=None):
    """How far the page's points lie from Python's, as a share of the picture's width."""
    scene = oracle(source, u, n_axes=n_axes, projection=projection, units=units)
    state = {
        "t": t,
        "u": u,
        "view": f"{n_axes}d",
        "projection": projection,
        "units": list(units or ()),
    }
    got, extent = opened.places(state, n_axes)
    want = scene.points(t)[: len(got)]
    box = scene.extent(t)
    width = 2 * box.radius
    return max(
        float(np.abs(got - want).max(initial=0)) / width,
        abs(extent["radius"] - box.radius) / width,
        float(np.abs(np.array(extent["centre"][:n_axes]) - box.centre).max()) / width,
    )


def html_of(path):
    return Path(path).read_text("utf-8")
