"""Unpacked pack bundles on the disk: `<packs>/<number>/`, each whole or not there, verified at each use.

A folder holds the files of its bundle and, as `bundle.head`, the signed line that names the SHA-256 of each.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from kiosk.post.jws import SigningKeys
from kiosk.post.keys import sync_directory
from kiosk.post.pack_bundle import MAX_MANIFEST, BundleError, Manifest, PackBundle, read_head

HEAD = "bundle.head"
_FRESH = ".new-"
"""How names of folders begin that are not whole yet; a process that was killed may leave one."""


@dataclass(frozen=True, slots=True)
class PackShelf:
    """The folder of unpacked bundles. For one process at a time."""

    folder: Path

    def place(self, number: int) -> Path:
        """Where a bundle is, or would be."""
        return self.folder / str(number)

    def numbers(self) -> list[int]:
        """What is there, newest first; nothing of it is verified."""
        try:
            names = [each.name for each in self.folder.iterdir() if each.is_dir() and not each.is_symlink()]
        except OSError:
            return []
        return sorted((int(name) for name in names if name.isascii() and name.isdecimal()), reverse=True)

    def whole(self, number: int, signers: SigningKeys) -> tuple[Manifest, str] | None:
        """Manifest and digest of a bundle that is, to the byte, as one of `signers` signed it; else None."""
        place = self.place(number)
        try:
            with (place / HEAD).open("rb") as file:
                head = file.read(MAX_MANIFEST)
            manifest = read_head(head, signers)
            there = {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir()}
            if manifest.number != number or there != {HEAD, *(file.path for file in manifest.files)}:
                return None
            for listed in manifest.files:
                path = place / listed.path
                content = path.read_bytes()
                if path.is_symlink() or hashlib.sha256(content).hexdigest() != listed.sha256:
                    return None
        except (OSError, BundleError):
            return None
        return manifest, hashlib.sha256(head).hexdigest()

    def unpack(self, bundle: PackBundle) -> Path:
        """Write a verified bundle into a fresh folder, durably, and give it its name in one step.

        Raises OSError; then nothing of it is there.
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.sweep()
        fresh = self.folder / f"{_FRESH}{bundle.manifest.number}"
        target = self.place(bundle.manifest.number)
        try:
            fresh.mkdir(mode=0o755)
            _write(fresh / HEAD, bundle.head)
            for path, content in bundle.files.items():
                _write(fresh / path, content)
            for folder in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
                sync_directory(folder)
            if target.exists():  # damaged, or it would not be unpacked again
                self.remove(bundle.manifest.number)
            fresh.rename(target)
            sync_directory(self.folder)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return target

    def remove(self, number: int) -> None:
        """Take a bundle away: first its name, then the rest."""
        aside = self.folder / f"{_FRESH}gone-{number}"
        shutil.rmtree(aside, ignore_errors=True)
        self.place(number).rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a process that was killed has left half done."""
        for left in self.folder.glob(f"{_FRESH}*"):
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
