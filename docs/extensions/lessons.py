"""The lessons in the site: their texts are the viewer's own, the live page stands beside them.

``{live} ADDRESS`` shows the live page at an address, ``{lesson} 2`` a lesson round it,
``{questions}`` all questions for a printed sheet, and ``{answers}`` what is right and true.
"""

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SOURCE = Path(__file__).parents[2] / "viewer" / "src" / "training" / "lessons.ts"
#: The page that every lesson opens: one file, so a browser loads it once.
PAGE = "live.html"


@dataclass(frozen=True)
class Lesson:
    """What `lessons.ts` says of one."""

    number: int
    title: str
    question: str
    choices: tuple[str, ...]
    right: int
    task: str
    truth: str


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons as the viewer has them."""
    text = SOURCE.read_text("utf-8")
    _, _, table = text.partition("export const lessons")
    bodies = re.split(r"^  \{$", table, flags=re.MULTILINE)[1:]
    return tuple(_lesson(number, body) for number, body in enumerate(bodies, start=1))


def _lesson(number: int, body: str) -> Lesson:
    def strings(key: str, end: str) -> list[str]:
        part = re.search(rf"^    {key}:(.*?){end}$", body, re.MULTILINE | re.DOTALL)
        if part is None:
            raise ValueError(f"{SOURCE.name}: lesson {number} has no {key}.")
        return re.findall(r'"([^"]*)"', part[1])

    (right,) = re.findall(r"^    right: (\d+),$", body, re.MULTILINE)
    title, question, task, truth = (
        "".join(strings(key, r",(?=\n)")) for key in ("title", "question", "task", "truth")
    )
    return Lesson(
        number, title, question, tuple(strings("choices", r"\],")), int(right), task, truth
    )


class LivePage(nodes.General, nodes.Element):
    """The live page in a frame, at an address of its own."""


def visit_live(self, node):
    place = "../" * self.builder.current_docname.count("/") + PAGE
    address = html.escape(f"{place}#{node['address']}")
    title = html.escape(node["title"])
    self.body.append(
        f'<figure class="live {node["kind"]}">'
        f'<iframe data-live="{address}" title="{title}" allow="fullscreen"></iframe>'
        f'<figcaption><a href="{address}">Open it in a window of its own</a></figcaption>'
        "</figure>"
    )
    raise nodes.SkipNode


def skip(self, node):
    raise nodes.SkipNode


class Live(SphinxDirective):
    """``{live} data=circles&network=4-tanh``."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        title = "A page in which a neural network is trained"
        return [LivePage(address=self.arguments[0], title=title, kind="landing")]


def choices(lesson: Lesson) -> nodes.Node:
    """A box to tick before each."""
    listed = nodes.bullet_list(classes=["choices"])
    listed += [nodes.list_item("", nodes.paragraph(text=text)) for text in lesson.choices]
    return listed


class LessonDirective(SphinxDirective):
    """``{lesson} 2``."""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(str(SOURCE))
        lesson = lessons()[int(self.arguments[0]) - 1]
        right = html.escape(lesson.choices[lesson.right].rstrip(".") + ".")
        told = (
            "<details class='truth'><summary>What came true?</summary>"
            f"<p><strong>{right}</strong> {html.escape(lesson.truth)}</p></details>"
        )
        return [
            nodes.paragraph("", "", nodes.strong(text=lesson.question)),
            choices(lesson),
            nodes.paragraph(text=lesson.task),
            LivePage(
                address=f"lesson={lesson.number}",
                title=f"Lesson {lesson.number}: {lesson.title}",
                kind="lesson",
            ),
            nodes.raw("", told, format="html"),
        ]


class Questions(SphinxDirective):
    """Every question, for paper: without the answers."""

    def run(self):
        self.env.note_dependency(str(SOURCE))
        made: list[nodes.Node] = []
        for lesson in lessons():
            box = nodes.container(classes=["question"])
            box += nodes.rubric(text=f"{lesson.number}. {lesson.title}")
            box += nodes.paragraph(text=lesson.question)
            box += choices(lesson)
            box += nodes.paragraph(text=f"Then: {lesson.task}")
            box += nodes.raw("", "<p class='lines'>What I saw:</p>", format="html")
            made.append(box)
        return made


class Answers(SphinxDirective):
    """What is right, and the sentence that the page shows."""

    def run(self):
        self.env.note_dependency(str(SOURCE))
        listed = nodes.enumerated_list()
        for lesson in lessons():
            right = nodes.strong(text=lesson.choices[lesson.right].rstrip(".") + ".")
            text = nodes.paragraph("", f"{lesson.title} ", right, nodes.Text(f" {lesson.truth}"))
            listed += nodes.list_item("", text)
        return [listed]


def setup(app):
    """Sphinx asks for this."""
    app.add_node(LivePage, html=(visit_live, None), text=(skip, None), latex=(skip, None))
    app.add_directive("live", Live)
    app.add_directive("lesson", LessonDirective)
    app.add_directive("questions", Questions)
    app.add_directive("answers", Answers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
