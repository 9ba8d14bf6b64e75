"""``python -m openclaw_config``: the command line without the installed script."""

from openclaw_config.cli.main import program

program()
