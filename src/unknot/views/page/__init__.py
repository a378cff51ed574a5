"""page: a network in the browser, as one file that needs no network and no server.

``page(source, path)`` writes it and ``show(source)`` shows it in a notebook; ``page_file(source)``
is what both show, as described in docs/page_file.md. The viewer itself is TypeScript, in the folder
``viewer`` of the repository; it is built into the package.
"""

from unknot.views.page.container import pack_page, unpack_page
from unknot.views.page.document import SUFFIXES, page, page_html, show
from unknot.views.page.header import page_file

__all__ = ["SUFFIXES", "pack_page", "page", "page_file", "page_html", "show", "unpack_page"]
