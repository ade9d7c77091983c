"""The keys of a simulated kiosk, in memory. Of a certificate there is only when it is valid."""

import json
from collections.abc import Callable

from kiosk.post.certificates import CertificateFault, Request
from kiosk.post.identity import CertificateLife
from kiosk.post.keyset import Installed, KeySet, Refusal


class SimulatedKeys:
    """`kiosk.post.duties.KeyDirectory`, simulated. What it accepts follows the same rules."""

    def __init__(self, key_set: KeySet, life: CertificateLife, verified: Callable[[str], KeySet]) -> None:
        self.life = life
        self._key_set = key_set
        self._verified = verified

    def key_set(self) -> KeySet:
        """See `Keys`."""
        return self._key_set

    def certificate(self) -> CertificateLife:
        """See `Keys`."""
        return self.life

    def install_key_set(self, token: str) -> Installed | Refusal:
        """See `Keys`."""
        fresh = self._verified(token)
        if fresh.version <= self._key_set.version:
            return Refusal.NOT_NEWER
        self._key_set = fresh
        return Installed(fresh.version)

    def install_certificate(
        self, _request: Request, certificate: str, now: float
    ) -> CertificateLife | CertificateFault:
        """See `Keys`."""
        life = CertificateLife(*json.loads(certificate))
        if life.not_after <= now:
            return CertificateFault.EXPIRED
        self.life = life
        return life


def issued(now: float, lasts_s: float) -> str:
    """A certificate from `now` on, as the centre would send it."""
    return json.dumps([now, now + lasts_s])
