"""Pictures of the technician's guide: the real pages with invented facts, and the real papers."""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "maintenance_ui"))

SHEETS = {
    "technician-enter": ("login", "login-wait", "overview"),
    "technician-devices": ("printer", "scanner", "camera", "panel"),
    "technician-way": ("network", "post", "system"),
    "technician-more": ("checklist", "events", "bundle", "report"),
}
"""Pages side by side, by the names of `tests/maintenance_ui/desk_samples.py`."""

LANGUAGE = "en"
PAPERS = "technician-papers"
MOMENT = "2026-11-22 11:12:13"


def shots() -> Iterator[tuple[str, Sequence[Path]]]:
    """The name of each sheet and the pictures on it; they last until the next one is asked for."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desk_samples import PAGES, build_desk
    from PySide6.QtTest import QTest

    from ui import paper, technician_paper
    from ui.engine import create_application

    application = create_application()
    face, _ = build_desk()
    while face.bridge.value("language") != LANGUAGE:
        face.bridge.nextLanguage()
    face.present()
    with tempfile.TemporaryDirectory() as folder:
        for sheet, names in SHEETS.items():
            for name in names:
                PAGES[name](face)
                QTest.qWait(50)
                face.window.grabWindow().save(str(Path(folder) / f"{name}.png"))
            yield sheet, [Path(folder) / f"{name}.png" for name in names]
        PAGES["report"](face)
        report = {**face.bridge.report(), "at": MOMENT}
        papers = (
            technician_paper.trial_page("0001", MOMENT),
            technician_paper.report_page(report, face.words),
        )
        for number, image in enumerate(papers):
            (Path(folder) / f"{number}.png").write_bytes(paper.to_png(image))
        yield PAPERS, _of_one_height([Path(folder) / f"{number}.png" for number in range(len(papers))])
    face.close()
    application.quit()


def _of_one_height(papers: Sequence[Path]) -> Sequence[Path]:
    """White paper goes on beneath what is printed, so that the papers stand beside each other."""
    images = [Image.open(path).convert("RGB") for path in papers]
    height = max(image.height for image in images)
    for path, image in zip(papers, images, strict=True):
        longer = Image.new("RGB", (image.width, height), "white")
        longer.paste(image)
        longer.save(path)
    return papers
