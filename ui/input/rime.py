"""librime 1.8 by ctypes: one typed function for each call that the kiosk makes, and nothing else.

Source of every signature: `rime_api.h` of librime 1.8.5. librime keeps one service for a whole process, so
only one `Rime` may be open at a time.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_void_p, sizeof
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIBRARY = "librime.so.1"
BACKSPACE = 0xFF08
"""X11 key symbol, as librime counts keys."""

_SILENT = 3
"""glog's FATAL: at lower levels librime may write what was typed."""
_SELECT_CANDIDATE = 71
"""Place of `select_candidate` in the table of `rime_get_api`; 1.8 exports no symbol for it."""


class RimeError(RuntimeError):
    """librime or its data cannot be used; the message says what is missing."""


class _Traits(Structure):
    _fields_ = (
        ("data_size", c_int),
        ("shared_data_dir", c_char_p),
        ("user_data_dir", c_char_p),
        ("distribution_name", c_char_p),
        ("distribution_code_name", c_char_p),
        ("distribution_version", c_char_p),
        ("app_name", c_char_p),
        ("modules", POINTER(c_char_p)),
        ("min_log_level", c_int),
        ("log_dir", c_char_p),
        ("prebuilt_data_dir", c_char_p),
        ("staging_dir", c_char_p),
    )


class _Preedit(Structure):
    _fields_ = (
        ("length", c_int),
        ("cursor_pos", c_int),
        ("sel_start", c_int),
        ("sel_end", c_int),
        ("preedit", c_char_p),
    )


class _Candidate(Structure):
    _fields_ = (("text", c_char_p), ("comment", c_char_p), ("reserved", c_void_p))


class _Menu(Structure):
    _fields_ = (
        ("page_size", c_int),
        ("page_no", c_int),
        ("is_last_page", c_int),
        ("highlighted_candidate_index", c_int),
        ("num_candidates", c_int),
        ("candidates", POINTER(_Candidate)),
        ("select_keys", c_char_p),
    )


class _Context(Structure):
    _fields_ = (
        ("data_size", c_int),
        ("composition", _Preedit),
        ("menu", _Menu),
        ("commit_text_preview", c_char_p),
        ("select_labels", POINTER(c_char_p)),
    )


class _Commit(Structure):
    _fields_ = (("data_size", c_int), ("text", c_char_p))


class _CandidateIterator(Structure):
    _fields_ = (("ptr", c_void_p), ("index", c_int), ("candidate", _Candidate))


@dataclass(frozen=True, slots=True)
class Folders:
    """`shared`: Debian's data; `compiled`: made by `ui.input.deploy`; `user`: patches, librime's notes."""

    shared: Path
    compiled: Path
    user: Path


@cache  # loading is once for a process, and librime aborts when its logging is set up twice
def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise RimeError(f"{LIBRARY} is missing; install the Debian package librime1") from error
    session, text, boolean = c_size_t, c_char_p, c_int
    signatures: dict[str, tuple[object, tuple[object, ...]]] = {
        "RimeSetup": (None, (POINTER(_Traits),)),
        "RimeInitialize": (None, (POINTER(_Traits),)),
        "RimeFinalize": (None, ()),
        "RimeDeployerInitialize": (None, (POINTER(_Traits),)),
        "RimeDeployWorkspace": (boolean, ()),
        "RimeCreateSession": (session, ()),
        "RimeDestroySession": (boolean, (session,)),
        "RimeSelectSchema": (boolean, (session, text)),
        "RimeSetOption": (None, (session, text, boolean)),
        "RimeProcessKey": (boolean, (session, c_int, c_int)),
        "RimeClearComposition": (None, (session,)),
        "RimeGetCommit": (boolean, (session, POINTER(_Commit))),
        "RimeFreeCommit": (boolean, (POINTER(_Commit),)),
        "RimeGetContext": (boolean, (session, POINTER(_Context))),
        "RimeFreeContext": (boolean, (POINTER(_Context),)),
        "RimeCandidateListBegin": (boolean, (session, POINTER(_CandidateIterator))),
        "RimeCandidateListNext": (boolean, (POINTER(_CandidateIterator),)),
        "RimeCandidateListEnd": (None, (POINTER(_CandidateIterator),)),
        "rime_get_api": (POINTER(c_int), ()),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    # An empty folder for logs means standard error, never a file.
    library.RimeSetup(byref(_traits(app_name=b"rime.kiosk", min_log_level=_SILENT, log_dir=b"")))
    return library


def _traits(**values: bytes | int) -> _Traits:
    traits = _Traits(**values)
    traits.data_size = sizeof(_Traits) - sizeof(c_int)
    return traits


def _traits_of(folders: Folders) -> _Traits:
    return _traits(
        shared_data_dir=bytes(folders.shared),
        user_data_dir=bytes(folders.user),
        distribution_name=b"report-kiosk",
        distribution_code_name=b"report-kiosk",
        distribution_version=b"1",
        prebuilt_data_dir=bytes(folders.compiled),
        staging_dir=bytes(folders.compiled),
    )


def _decode(text: bytes | None) -> str:
    return (text or b"").decode("utf-8", "replace")


def compile_schemas(folders: Folders) -> None:
    """Compile all schemas into `folders.compiled`: some 15 s and 400 MB at its height. Raises `RimeError`."""
    library = _load()
    library.RimeDeployerInitialize(byref(_traits_of(folders)))
    done = library.RimeDeployWorkspace()
    library.RimeFinalize()
    if not done:
        raise RimeError(f"librime could not compile its schemas from {folders.shared}")


class Rime:
    """One open session of librime. Close it, or use it as a context manager."""

    def __init__(self, folders: Folders) -> None:
        self._library = _load()
        self._library.RimeInitialize(byref(_traits_of(folders)))
        self._session: int = self._library.RimeCreateSession()
        table = ctypes.cast(self._library.rime_get_api(), c_void_p).value or 0
        address = c_void_p.from_address(table + sizeof(c_void_p) * (1 + _SELECT_CANDIDATE)).value or 0
        self._select_candidate = ctypes.CFUNCTYPE(c_int, c_size_t, c_size_t)(address)

    def close(self) -> None:
        """End the session and the service."""
        self._library.RimeDestroySession(self._session)
        self._library.RimeFinalize()

    def select_schema(self, schema: str) -> bool:
        """Type by `schema` from now on; False where its compiled data are missing."""
        return bool(self._library.RimeSelectSchema(self._session, schema.encode()))

    def set_option(self, option: str, *, value: bool) -> None:
        """Set a switch of the schema; a new schema forgets it."""
        self._library.RimeSetOption(self._session, option.encode(), int(value))

    def press(self, key: int) -> bool:
        """Press a key by its X11 symbol; False when librime had no use for it."""
        return bool(self._library.RimeProcessKey(self._session, key, 0))

    def select(self, index: int) -> bool:
        """Choose candidate `index`, counted over all pages."""
        return bool(self._select_candidate(self._session, index))

    def clear(self) -> None:
        """Forget what is being composed."""
        self._library.RimeClearComposition(self._session)

    def take_commit(self) -> str:
        """The text that became final since the last call."""
        commit = _Commit(data_size=sizeof(_Commit) - sizeof(c_int))
        if not self._library.RimeGetCommit(self._session, byref(commit)):
            return ""
        try:
            return _decode(commit.text)
        finally:
            self._library.RimeFreeCommit(byref(commit))

    def preedit(self) -> str:
        """What is being composed, as the schema writes it."""
        context = _Context(data_size=sizeof(_Context) - sizeof(c_int))
        if not self._library.RimeGetContext(self._session, byref(context)):
            return ""
        try:
            return _decode(context.composition.preedit)
        finally:
            self._library.RimeFreeContext(byref(context))

    def candidates(self, limit: int) -> tuple[str, ...]:
        """The best `limit` candidates."""
        with self._iterator() as walk:
            return tuple(text for _, text in zip(range(limit), walk, strict=False))

    @contextmanager
    def _iterator(self) -> Iterator[Iterator[str]]:
        iterator = _CandidateIterator()
        if not self._library.RimeCandidateListBegin(self._session, byref(iterator)):
            yield iter(())
            return
        try:
            yield self._walk(iterator)
        finally:
            self._library.RimeCandidateListEnd(byref(iterator))

    def _walk(self, iterator: _CandidateIterator) -> Iterator[str]:
        while self._library.RimeCandidateListNext(byref(iterator)):
            yield _decode(iterator.candidate.text)
