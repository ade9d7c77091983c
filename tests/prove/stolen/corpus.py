"""Known answers: what invented visitors told a kiosk, so that a search can be sure to know it all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flows.documents.hkid import check_digit

_STORIES = (
    "上星期三晚上，我喺屯門巴士站俾人偷咗個銀色背囊，入面有部電腦。",
    "昨天下午在尖沙咀商场丢失了一个棕色钱包，里面有身份证和银行卡。",
    "Two men in a grey van followed me from the ferry pier and took my violin.",
)
_NAMES = (("陳", "大文志明"), ("欧阳", "晓雪建国"), ("O'Callaghan", "Siobhan"), ("黃", "美玲"))
_STREETS = ("彌敦道", "窝打老道", "Caine Road")


@dataclass(frozen=True, slots=True)
class Answers:
    """One visitor's report: every word of it is a secret."""

    name: str
    hkid: str
    telephone: str
    email: str
    address: str
    story: str
    photo: bytes

    def document(self) -> dict[str, Any]:
        """The case document, as the screen would complete it."""
        return {
            "report_type": "lost_property",
            "language": "zh-Hant",
            "reporter": {
                "name": self.name,
                "document": self.hkid,
                "telephone": self.telephone,
                "email": self.email,
            },
            "answers": {"address": self.address, "story": self.story},
        }

    def secrets(self) -> Iterator[str]:
        """The words to look for."""
        yield from (self.name, self.hkid, self.telephone, self.email, self.address, self.story)
        # A part of a text is a leak as well.
        yield from (self.story[:12], self.story[-14:-2], self.telephone.replace(" ", ""))


def invented(chance: random.Random) -> Answers:
    """A visitor who does not exist; the check digit of the identity card fits."""
    family, given = chance.choice(_NAMES)
    letter, digits = chance.choice("AZRK"), f"{chance.randrange(1_000_000):06d}"
    telephone = f"{chance.choice('569')}{chance.randrange(1000):03d} {chance.randrange(10_000):04d}"
    mark = f"{chance.getrandbits(40):010x}"
    photo = b"\xff\xd8\xff\xe0" + chance.randbytes(6000) + b"\xff\xd9"
    return Answers(
        name=f"{family}{given}-{mark[:4]}",
        hkid=f"{letter}{digits}({check_digit(letter, digits)})",
        telephone=telephone,
        email=f"visitor.{mark}@example.hk",
        address=f"{chance.choice(_STREETS)} {chance.randrange(1, 700)}-{mark[4:]}",
        story=f"{chance.choice(_STORIES)} {mark}",
        photo=photo,
    )
