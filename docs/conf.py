"""How the site is built: `make docs` writes it to site/.

UNKNOT_QUICK_DOCS=1 leaves the examples unexecuted and shows their committed pictures instead.
"""

import os
import sys
import tomllib
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "extensions"))
# What TensorFlow says of this machine is no warning of the site.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import gallery  # noqa: E402

(DOCS / "made").mkdir(exist_ok=True)

_project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]

project = _project["name"]
release = version = _project["version"]
author = "The unknot developers"
copyright = f"{author}. MIT licence"
#: Where the site will stand: only the pictures of social cards need it.
html_baseurl = os.environ.get("SITE_URL", "")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "gallery",
    "thumbnails",
    "lessons",
    "notebooks",
    "pages",
    "reference",
    "cards",
]
exclude_patterns = [
    "gallery.md",
    "gallery",
    "extensions",
    "made",
    "templates",
    "auto_examples/*.ipynb",
]
templates_path = ["templates"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext", ".ipynb": "notebook"}
nitpicky = True
# Types of other libraries are named in signatures as they are written there.
nitpick_ignore_regex = [("py:.*", ".*")]
# A type in a docstring may have the name of several attributes.
suppress_warnings = ["config.cache", "ref.python"]

myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 4

autosummary_generate = ["reference/api.rst"]
autosummary_ignore_module_all = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
toc_object_entries_show_parents = "hide"
python_display_short_literal_types = True
add_module_names = False

sphinx_gallery_conf = gallery.SETTINGS

#: Pages that need the width more than a list of their headings.
WIDE = [*(f"lessons/{number}" for number in range(1, 8)), "auto_examples/index", "comparison"]

html_theme = "pydata_sphinx_theme"
html_title = "unknot"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [("theme.js", {"priority": 1}), ("live.js", {"defer": "defer"})]
html_extra_path = ["made"]
html_favicon = "static/knot.svg"
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {"index": [], "comparison": [], "changelog": []}
html_theme_options = {
    "logo": {"text": "unknot", "image_light": "static/knot.svg", "image_dark": "static/knot.svg"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], **{name: [] for name in WIDE}},
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
