"""`python -m realtime`: the commands of `realtime.cli`."""

from realtime.cli import main

main()
