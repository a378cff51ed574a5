"""The commands."""

from cyclopts import App, Group

from unknot.cli import animate, datasets, figure, run

app = App(
    name="unknot",
    help="Watch a neural network untangle your data, layer by layer.",
    help_epilogue="Any command takes --debug, which shows the traceback of an error.",
    help_format="plaintext",
    group_commands=Group("Commands", sort_key=0),
    version_flags=["--version"],
)
app.command(run.demo)
app.command(run.run)
app.command(figure.figure)
app.command(animate.animate)
app.command(datasets.datasets)
