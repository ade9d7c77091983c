from pathlib import Path

import pytest

from config.document import REMEDY, made
from config.leaves import leaves

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("path", made(), ids=str)
def test_generated_files_are_fresh(path: Path) -> None:
    assert (HOUSE / path).read_text(encoding="utf-8") == made()[path], f"{path} is stale: {REMEDY}"


def test_every_setting_says_what_it_means() -> None:
    assert [leaf.key for leaf in leaves() if not leaf.field.description] == []
