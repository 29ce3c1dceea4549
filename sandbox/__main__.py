"""`python -m sandbox` is the command `trackbed`."""

from sandbox.cli import main

main(prog_name="trackbed")
