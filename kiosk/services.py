"""The services a site offers, against the packs there are."""

from collections.abc import Iterator

from config.settings import Settings
from flows.loading.mistakes import did_you_mean
from flows.loading.pack_document import BadPackError
from flows.loading.pack_loader import load_packs, pack_names
from flows.picture.site_words import SiteWords
from kiosk.bundles.check import packs_folder
from kiosk.findings import Finding, Health
from kiosk.post.pack_ledger import read_ledger


def offered(settings: Settings) -> Iterator[Finding]:
    """What is offered, and each name of the site's that no pack has: it is left out, and nothing else is."""
    folder = packs_folder(settings, read_ledger(settings.paths.packs).in_use)
    known = pack_names(folder)
    unknown = [name for name in settings.site.services if name not in known]
    for name in unknown:
        told = f"the site {settings.site.code} offers “{name}”, and there is no such pack"
        remedy = f"{did_you_mean(name, known)} (site.services of its file)"
        yield Finding("services", Health.MEND, told, remedy)
    words = SiteWords.of(settings.site.code, settings.words)
    good = 0
    for name in settings.site.services:
        if name in unknown:
            continue
        try:
            load_packs([name], folder, words)
            good += 1
        except BadPackError as bad:
            for error in bad.errors:
                told = f"{error.file}:{error.line}: {error.place}: {error.what}"
                yield Finding("services", Health.MEND, told, error.remedy)
    if not unknown:
        yield Finding("services", Health.WORKS, f"{good} are offered")
