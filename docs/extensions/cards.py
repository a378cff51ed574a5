"""Social cards: what a link to a page of the site looks like elsewhere (Open Graph).

The picture of an example's page is its own; every other page has the demo's.
"""

from html import escape, unescape
from pathlib import Path
from urllib.parse import urljoin

import gallery
from PIL import Image

SIZE = (1200, 630)
FOLDER = "cards"
#: Of pages without a picture of their own, by the folder they are in.
PICTURES = {"lessons": "page-lesson.webp", "": "demo.png"}


def picture_of(docname: str) -> Path:
    """The picture that a page is known by."""
    folder, _, name = docname.rpartition("/")
    if folder == "auto_examples" and (gallery.EXAMPLES / f"{name}.py").is_file():
        made = sorted((gallery.MADE / "images").glob(f"sphx_glr_{name}_001.*"))
        return made[0] if made else gallery.committed(name)
    return gallery.COMMITTED / PICTURES.get(folder, PICTURES[""])


def card(picture: Path, path: Path) -> None:
    """The whole picture on a white card."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    width, height = (side - 40 for side in SIZE)
    scale = min(width / image.width, height / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    whole = Image.new("RGB", SIZE, "white")
    whole.paste(image, tuple((a - b) // 2 for a, b in zip(SIZE, image.size, strict=True)))
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.quantize(128).save(path, optimize=True)


def tags(app, pagename, templatename, context, doctree):
    """The tags of a page, which readers of links look for."""
    if doctree is None:
        return
    picture = picture_of(pagename)
    name = f"{FOLDER}/{picture.stem}.png"
    path = Path(app.outdir) / name
    if not path.exists():
        card(picture, path)
    sentence = next((p.astext() for p in doctree.findall(lambda n: n.tagname == "paragraph")), "")
    base = app.config.html_baseurl
    url = urljoin(base, name) if base else context["pathto"](name, 1)
    properties = {
        "og:type": "website",
        "og:site_name": app.config.project,
        "og:title": context.get("title") or app.config.project,
        "og:description": " ".join(sentence.split())[:200],
        "og:image": url,
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": "What a neural network does to its data",
    }
    made = [
        f'<meta property="{key}" content="{escape(unescape(value))}">'
        for key, value in properties.items()
    ]
    made.append('<meta name="twitter:card" content="summary_large_image">')
    context["metatags"] = context.get("metatags", "") + "\n".join(made)


def setup(app):
    """Sphinx asks for this."""
    app.connect("html-page-context", tags)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
