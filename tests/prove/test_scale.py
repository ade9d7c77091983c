"""The size of a proof follows the environment."""

import pytest

from tests.prove.scale import DEFAULT_SEED, seed, size


@pytest.mark.parametrize(
    ("scale", "expected"), [(None, 300), ("short", 300), ("full", 10_000), ("0.1", 1_000), ("0", 1)]
)
def test_a_proof_is_short_full_or_a_share_of_full(
    monkeypatch: pytest.MonkeyPatch, scale: str | None, expected: int
) -> None:
    monkeypatch.delenv("KIOSK_PROVE_SCALE", raising=False)
    if scale is not None:
        monkeypatch.setenv("KIOSK_PROVE_SCALE", scale)
    assert size(short=300, full=10_000) == expected


def test_a_scale_that_is_no_number_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_PROVE_SCALE", "huge")
    with pytest.raises(ValueError, match="huge"):
        size(short=1, full=2)


def test_the_seed_is_always_the_same_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIOSK_PROVE_SEED", raising=False)
    assert seed() == DEFAULT_SEED
    monkeypatch.setenv("KIOSK_PROVE_SEED", "42")
    assert seed() == 42
