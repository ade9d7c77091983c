"""Bundles that are really signed, key sets that a root really signed, and folders on a real disk."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony
from central.keys.ceremony import Plan
from central.keys.keyset import PublicKey
from central.keys.material import Material
from central.keys.roots import roots_of
from central.packs import bundle as central_bundle
from config.settings import Paths, Settings, Site
from flows.describing.new_pack import write_skeleton
from kiosk.post.pack_bundle import draft, manifest_of

RELEASE = version("report-kiosk")


@dataclass
class Force:
    """Whoever signs: a root, and a key for packs that the key set names."""

    keys: Path
    root: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    packs: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    material: Material | None = None

    def __post_init__(self) -> None:
        self.material = Material.new(roots_of(self.root))
        self.publish(Plan(pack_key=PublicKey.of(self.packs.public_key())))
        self.keys.mkdir(parents=True)
        (self.keys / "roots.json").write_text(roots_of(self.root).model_dump_json())
        self.deliver()

    @property
    def kid(self) -> str:
        return PublicKey.of(self.packs.public_key()).kid

    def publish(self, plan: Plan) -> None:
        """The next key set."""
        assert self.material is not None
        drafted = ceremony.make_draft(self.material, plan, dt.datetime.now(dt.UTC))
        self.material = ceremony.sign_and_publish(drafted, self.root)

    def deliver(self) -> None:
        """The newest key set to the kiosk."""
        assert self.material is not None
        (self.keys / "keyset.jws").write_text(str(self.material.key_set))

    def sign(self, files: Mapping[str, bytes], number: int, app: tuple[str, str] = ("0.1", "99")) -> bytes:
        manifest = manifest_of(
            files, number=number, made_at="2026-11-22T08:00:00Z", app_from=app[0], app_below=app[1]
        )
        return central_bundle.sign(draft(manifest, files), self.packs)

    def sign_anything(self, payload: object, body: bytes, typ: str = "report-packs", **header: str) -> bytes:
        """Whatever one likes, signed well."""

        def text(raw: bytes) -> bytes:
            return base64.urlsafe_b64encode(raw).rstrip(b"=")

        named = {"alg": "EdDSA", "kid": self.kid, "typ": typ, **header}
        words = [
            json.dumps(each, sort_keys=True, separators=(",", ":")).encode() for each in (named, payload)
        ]
        signed = b".".join(map(text, words))
        return signed + b"." + text(self.packs.sign(signed)) + b"\n" + body


def payload_of(files: Mapping[str, bytes], number: int = 1) -> dict[str, object]:
    listed = [
        {"path": path, "sha256": hashlib.sha256(files[path]).hexdigest(), "size": len(files[path])}
        for path in sorted(files)
    ]
    about = {"number": number, "made_at": "2026-11-22T08:00:00Z", "app_from": "0.1", "app_below": "99"}
    return {**about, "files": listed}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    paths = Paths(state=tmp_path / "state", runtime=tmp_path / "run", keys=tmp_path / "keys")
    return Settings(paths=paths, site=Site(services=["bicycle"]), production=False, profile="demo")


@pytest.fixture
def force(settings: Settings) -> Force:
    return Force(settings.paths.keys)


@pytest.fixture(scope="session")
def bicycle(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A small service, as `kiosk flows new` writes it."""
    folder = tmp_path_factory.mktemp("authored") / "packs"
    folder.mkdir()
    write_skeleton("bicycle", folder)
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.yaml"))
    }


def fetched(settings: Settings, data: bytes) -> None:
    """As the courier leaves it; also as one would who was taken over."""
    path = settings.paths.fetched_packs
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(data)
    fresh.replace(path)
