"""``python -m provrisk``."""

from provrisk.cli import main

main()
