"""``python -m unknot`` is the command line."""

from unknot.cli import main

main()
