"""A stand-in for visitor screens, as a process to be killed: keeps case after case through the real path.

`python -m tests.prove.stolen.visits SETTINGS SEED NUMBER` says `keeping N` and `kept N` on standard output.
"""

import random
import signal
import sys
from uuid import UUID

from config.settings import Settings
from flows.case import Attachment, Case
from flows.ports import Kept
from kiosk.screens.keeper import Keeper
from tests.prove.stolen.corpus import Answers, invented


def corpus(seed: int, number: int) -> list[Answers]:
    """What the visitors of a seed say."""
    chance = random.Random(f"{seed}/corpus")  # noqa: S311 - a seed to replay
    return [invented(chance) for _ in range(number)]


def keep(keeper: Keeper, answers: Answers, seed: int, number: int) -> bool:
    """Keep one report with its photo."""
    case_id = UUID(int=random.Random(f"{seed}/{number}").getrandbits(128), version=4)  # noqa: S311 - a seed
    photos = (Attachment(f"photo-{number}", answers.photo),)
    return isinstance(keeper.keep(Case(case_id, answers.document(), photos)), Kept)


def main(settings: str, seed: int, number: int) -> None:
    """Keep cases until killed."""
    keeper = Keeper.open(Settings.model_validate_json(settings), lambda _document: False)
    for place, answers in enumerate(corpus(seed, number)):
        print(f"keeping {place}", flush=True)  # noqa: T201 - what the parent listens to
        assert keep(keeper, answers, seed, place)
        print(f"kept {place}", flush=True)  # noqa: T201 - what the parent listens to
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
