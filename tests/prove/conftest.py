"""What the proofs share. They also run alone, as `python -m tests.prove.…`, and import each other so."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)
