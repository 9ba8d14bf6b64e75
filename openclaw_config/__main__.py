"""``python -m openclaw_config``: the command line without the installed script."""

import sys

from openclaw_config.cli.main import main

sys.exit(main())
