"""The commands."""

from cyclopts import App, Group

from unknot.cli import animate, datasets, figure, measure, page, run, trace, width

DEBUG = "Any command takes --debug, which shows the traceback of an error."

app = App(
    name="unknot",
    help="Watch a neural network untangle your data, layer by layer.",
    help_epilogue=DEBUG,
    help_format="plaintext",
    group_commands=Group("Commands", sort_key=0),
    version_flags=["--version"],
    # Ctrl-C is answered in one place, with a word of what stays.
    suppress_keyboard_interrupt=False,
)


def _epilogue(examples: tuple[str, ...]) -> str:
    return "\n".join(["Examples:", *(f"  {example}" for example in examples), "", DEBUG])


app.command(run.demo, help_epilogue=_epilogue(("unknot demo", "unknot demo --seed 2 --out two")))
app.command(run.run, help_epilogue=_epilogue(run.EXAMPLES))
app.command(trace.trace, help_epilogue=_epilogue(trace.EXAMPLES))
app.command(figure.figure, help_epilogue=_epilogue(figure.EXAMPLES))
app.command(animate.animate, help_epilogue=_epilogue(animate.EXAMPLES))
app.command(page.page, help_epilogue=_epilogue(page.EXAMPLES))
app.command(page.view, help_epilogue=_epilogue(page.VIEW_EXAMPLES))
app.command(measure.measure, help_epilogue=_epilogue(measure.EXAMPLES))
app.command(width.width, help_epilogue=_epilogue(width.EXAMPLES))
app.command(datasets.datasets, help_epilogue=_epilogue(datasets.EXAMPLES))
