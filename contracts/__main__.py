"""`python -m contracts` is `trackbed`."""

from contracts.cli import main

main(prog_name="trackbed")
