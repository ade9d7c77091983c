"""How big a proof is: short inside `make test`, full in `make prove-post`, or anything between."""

import os

FULL = "full"
SHORT = "short"
SCALE_VARIABLE = "KIOSK_PROVE_SCALE"
SEED_VARIABLE = "KIOSK_PROVE_SEED"
DEFAULT_SEED = 20261121


def size(short: int, full: int) -> int:
    """How many cases a harness runs: `short`, `full`, or `full` times the factor of KIOSK_PROVE_SCALE."""
    scale = os.environ.get(SCALE_VARIABLE, SHORT)
    if scale == SHORT:
        return short
    if scale == FULL:
        return full
    return max(1, round(full * float(scale)))


def seed() -> int:
    """The seed of this run, to replay a failure with: KIOSK_PROVE_SEED, or always the same one."""
    return int(os.environ.get(SEED_VARIABLE, str(DEFAULT_SEED)))
