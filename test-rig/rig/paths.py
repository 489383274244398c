# SPDX-License-Identifier: Apache-2.0
"""Where things are: the checkout, the build, and the cache outside the checkout."""

import os
from pathlib import Path

RIG = Path(__file__).resolve().parents[1]  # test-rig/
CHECKOUT = RIG.parent
BUILD = CHECKOUT / "build"
LOGS = BUILD / "test-logs"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "undine"
