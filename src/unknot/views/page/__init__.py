"""page: a network in the browser, as one file that needs no network and no server.

``page(source, path)`` writes it; ``page_file(source)`` is what it shows, as described in
docs/page_file.md. The viewer itself is TypeScript, in the folder ``viewer`` of the repository; it
is built into the package.
"""

from unknot.views.page.container import pack, unpack
from unknot.views.page.making import page, page_html
from unknot.views.page.page_file import page_file

__all__ = ["pack", "page", "page_file", "page_html", "unpack"]
