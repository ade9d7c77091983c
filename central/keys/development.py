"""Keys for development: the whole ceremony at once; what belongs offline lies with the centre."""

import datetime as dt
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony, keyring_file, locked
from central.keys.ceremony import Plan
from central.keys.material import Material
from central.keys.roots import new_development_root, roots_of
from central.recipients import Recipient
from central.technicians.files import AUTHORITY

ESCROW = "development-escrow.json"
COMPLAINTS_ESCROW = "development-escrow-complaints.json"
PACKS = "development-packs.json"
PASSPHRASE = "development"  # noqa: S105 - it protects nothing: the file lies beside the primary keys
_COST = 2


def make_keys(directory: Path) -> None:
    """A root, sealing keys, an escrow key, one each for receipts, passes, packs, and the first key set."""
    now = dt.datetime.now(dt.UTC)
    root = new_development_root(directory)
    escrow = locked.make_escrow(directory / ESCROW, PASSPHRASE, now, cost=_COST)
    complaints = locked.make_escrow(
        directory / COMPLAINTS_ESCROW, PASSPHRASE, now, cost=_COST, recipient=Recipient.COMPLAINTS
    )
    technician = locked.write_technician(
        directory / AUTHORITY, Ed25519PrivateKey.generate(), PASSPHRASE, cost=_COST
    )
    packs = locked.write_packs(directory / PACKS, Ed25519PrivateKey.generate(), PASSPHRASE, cost=_COST)
    plan = Plan(
        escrow=escrow,
        complaints=True,
        complaints_escrow=complaints,
        technician_key=technician,
        pack_key=packs,
    )
    material = ceremony.make_draft(Material.new(roots_of(root)), plan, now)
    keyring_file.write(directory, ceremony.sign_and_publish(material, root))
