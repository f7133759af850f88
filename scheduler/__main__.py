"""``python -m scheduler`` is ``zaesur``."""

from scheduler.cli import main

main()
