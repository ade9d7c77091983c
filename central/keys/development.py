"""Keys for development: the whole ceremony at once; what belongs offline lies with the centre."""

import datetime as dt
from pathlib import Path

from central.keys import ceremony, keyring_file
from central.keys.ceremony import Plan
from central.keys.material import Material
from central.keys.roots import new_development_root, roots_of


def make_keys(directory: Path) -> None:
    """A root, sealing keys, a receipt key and the first key set."""
    root = new_development_root(directory)
    material = ceremony.make_draft(Material.new(roots_of(root)), Plan(), dt.datetime.now(dt.UTC))
    keyring_file.write(directory, ceremony.sign_and_publish(material, root))
