"""Pages of the site that are made: texts of the repository, the command line, the live page.

A page with the comment ``<!-- whole: ../CHANGELOG.md -->`` is that file. Links of texts to files
outside docs/ lead to where the site has them, and are plain words where it has not.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Files of the repository that are pages of the site, by the name of the page.
PAGES = {
    "../CHANGELOG.md": "changelog.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../SECURITY.md": "security.md",
    "../benchmarks/README.md": "benchmarks.md",
    "gallery.md": "auto_examples/index.rst",
}
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")
WHOLE = re.compile(r"<!-- whole: (\S+) -->")


def whole_texts(app, docname, source):
    """The text of a file outside docs/, and links that lead somewhere."""
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".md":
        return
    base = path.parent
    if named := WHOLE.search(source[0]):
        file = (base / named[1]).resolve()
        app.env.note_dependency(str(file))
        source[0] = file.read_text("utf-8")
        base = file.parent

    def at_home(match):
        text, target, anchor = match[1], match[2], match[3] or ""
        file = (base / target).resolve()
        inside = "../" * docname.count("/")
        if not file.is_relative_to(ROOT) or not file.exists():
            return match[0]
        outer = f"../{file.relative_to(ROOT)}"
        if file.is_relative_to(DOCS):
            outer = str(file.relative_to(DOCS))
            if outer not in PAGES:
                return f"[{text}]({inside}{outer}{anchor})"
        if outer in PAGES:
            return f"[{text}]({inside}{PAGES[outer]}{anchor})"
        if outer.startswith("../examples/"):
            return f"[{text}]({inside}auto_examples/{file.stem}.rst)"
        return text

    source[0] = LINK.sub(at_home, source[0])


def make(app):
    """Write what is made from the package itself."""
    write_live_page(app)
    write(DOCS / "reference" / "cli.rst", command_line())


def write(path: Path, text: str) -> None:
    """Only where something is new, so that Sphinx need not read it again."""
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def write_live_page(app) -> None:
    """The playground, which the lessons and the first page show."""
    from lessons import PAGE

    import unknot as uk

    (DOCS / "made").mkdir(exist_ok=True)
    uk.playground(path=DOCS / "made" / PAGE, title="unknot")


def command_line() -> str:
    """Every command, its options and its examples, from the tables that make its help."""
    from unknot.cli.app import program
    from unknot.cli.options import with_names

    app = program()
    parts = [COMMANDS]
    for name in sorted(name for name in app if not name.startswith("-")):
        command = app[name]
        text = with_names(command.generate_docs(output_format="rst", heading_level=2))
        text = text.replace("\n::\n", "\n.. code-block:: console\n", 1)
        text = CALLED.sub(f"    unknot {name}", text, count=1)
        parts.append(CONTENTS.sub("", text).strip() + "\n")
        lines = command.help_epilogue.splitlines()
        examples = [f"   {line.strip()}" for line in lines if line.startswith("  ")]
        parts.append("\n".join([".. code-block:: console\n", *examples, ""]))
    return "\n".join(parts)


#: How a command is called, which cyclopts takes from the program that runs.
CALLED = re.compile(r"^    \S.*?(?= (?:--\w|\[|[A-Z]{2})|$)", re.MULTILINE)
#: What cyclopts puts before the options of every command.
CONTENTS = re.compile(r"^\.\. contents::.*?\n\n", re.MULTILINE | re.DOTALL)

COMMANDS = """Command line
============

``unknot COMMAND --help`` says the same. Exit codes: 0 done, 1 the work failed, 2 the call was
wrong, 130 interrupted. With ``--json`` one JSON object is printed on stdout and nothing else there
(:doc:`its keys <../report>`); progress and errors go to stderr, and ``--debug`` shows the
traceback of an error. ``unknot --install-completion`` lets Tab complete.
"""


def setup(app):
    """Sphinx asks for this."""
    app.connect("builder-inited", make)
    app.connect("source-read", whole_texts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
