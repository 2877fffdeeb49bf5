"""Lets the tests of the engine and of the kinds share `playing.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
