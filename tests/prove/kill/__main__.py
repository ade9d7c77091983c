"""`python -m tests.prove.kill --count 10000 --seed 1`: a campaign; ends with 1 if a promise was broken."""

import argparse
import gc
import sys
import tempfile
from pathlib import Path

from tests.prove.kill.book import Violation
from tests.prove.kill.campaign import Campaign
from tests.prove.kill.mutants import MUTANTS
from tests.prove.scale import seed

MEMORY = Path("/dev/shm")
"""A process that is killed loses nothing that it gave to the kernel: no disk is needed, only slower."""


def main(arguments: list[str]) -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser("python -m tests.prove.kill")
    parser.add_argument("--count", type=int, default=300, help="kills")
    parser.add_argument("--seed", type=int, default=seed())
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="plant this bug first")
    given = parser.parse_args(arguments)
    activities = None
    if given.mutant:
        mutant = MUTANTS[given.mutant]
        activities = mutant.activities
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        campaign = Campaign(Path(folder), given.seed, activities)
        if given.mutant:
            mutant.plant()
        gc.freeze()  # children do not copy what only the parent uses
        try:
            report = campaign.run(given.count)
        except Violation as violation:
            sys.stdout.write(f"broken: {violation}\n")
            return 1
    sys.stdout.write(f"{report}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
