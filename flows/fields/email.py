"""E-mail addresses: only what cannot be one is refused, because only a letter that arrives proves an
address."""

import difflib
import re
import unicodedata

from flows.privacy import VEIL

_MOST_CHARACTERS = 254
_MOST_LOCAL = 64
_ADDRESS = re.compile(
    r"""
    (?P<local> [^\s@"(),:;<>\[\]\\.]+ (?: \. [^\s@"(),:;<>\[\]\\.]+ )* )
    @
    (?P<domain> (?: [^\W_] (?: [\w-]{0,61} [^\W_] )? \. )+ [^\W\d_] [\w-]{0,61} [^\W_] )
    """,
    re.VERBOSE,
)
_COMMON_DOMAINS = (
    "gmail.com", "yahoo.com", "yahoo.com.hk", "hotmail.com", "outlook.com", "icloud.com", "netvigator.com",
    "qq.com", "163.com", "126.com", "foxmail.com",
)  # fmt: skip
_ALIKE = 0.86


def parse(text: str) -> str | None:
    """The address with its domain in small letters, or `None` if it cannot be one."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if len(typed) > _MOST_CHARACTERS or not typed.isprintable():
        return None
    match = _ADDRESS.fullmatch(typed)
    if match is None or len(match["local"]) > _MOST_LOCAL:
        return None
    return f"{match['local']}@{match['domain'].lower()}"


def suggestion(address: str) -> str:
    """The address with a common domain that is a slip away (`gmial.com`), or nothing."""
    local, _, domain = address.rpartition("@")
    if domain in _COMMON_DOMAINS:
        return ""
    alike = difflib.get_close_matches(domain, _COMMON_DOMAINS, n=1, cutoff=_ALIKE)
    return f"{local}@{alike[0]}" if alike else ""


def mask(address: str) -> str:
    """First letter and domain: `c***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{3 * VEIL}@{domain}"
