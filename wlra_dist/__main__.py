"""`python -m wlra_dist` is `wlra-dist`."""

import sys

from wlra_dist.cli import main

if __name__ == "__main__":
    sys.exit(main())
