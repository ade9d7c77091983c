"""Whatever is in a picture file: codes or a reason, in time, and nobody but the child pays for it."""

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from devices.camera.codes import PictureError, PictureFault, read_file
from tests.prove.pictures import corpus
from tests.prove.pictures.campaign import Violation, run
from tests.prove.pictures.worker import PLANTS
from tests.prove.scale import seed, size

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is

PICTURES = size(short=2_000, full=50_000)


def test_every_picture_ends_in_codes_or_a_reason(tmp_path: Path) -> None:
    seeds = corpus.sound()
    told = run([*seeds, *corpus.monsters()], tmp_path)
    assert told.read >= len(seeds) - 2  # all but those with nothing certain
    told = run(islice(corpus.mutated(seeds, Random(seed())), PICTURES), tmp_path)  # noqa: S311 - replayable
    assert told.pictures == PICTURES
    assert told.faults[PictureFault.BROKE_THE_READER] <= PICTURES / 100, told
    assert 0 < told.read < PICTURES
    assert told.faults[PictureFault.UNREADABLE] > PICTURES / 20


def test_the_real_child_says_the_same_of_the_worst(tmp_path: Path) -> None:
    for specimen in corpus.monsters()[:4]:
        (tmp_path / "picture").write_bytes(specimen.content)
        with pytest.raises(PictureError) as refused:
            read_file(tmp_path / "picture")
        assert refused.value.fault is specimen.expected


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_noticed(plant: str, tmp_path: Path) -> None:
    specimens = [*corpus.sound(), *corpus.monsters(), *corpus.sound()]
    with pytest.raises(Violation):
        run(specimens, tmp_path, plants=(plant,), deadline_s=3.0)
