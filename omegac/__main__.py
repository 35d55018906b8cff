"""`python -m omegac`."""

from omegac.cli import main

main()
