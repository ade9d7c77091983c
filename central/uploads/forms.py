"""A form of a browser as it streams in: files, without their names. Nothing is kept on a disk on the way."""

from dataclasses import dataclass
from email.message import Message
from enum import Enum, auto

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

_MOST_BOUNDARY = 70


class NotAFormError(ValueError):
    """The body is no form with files."""


class Mark(Enum):
    """What happens in a form, besides data."""

    BEGIN = auto()  # of a file
    END = auto()  # of it


Event = Mark | bytes


def boundary_of(content_type: str) -> bytes:
    """What parts the files of a form. Raises `NotAFormError`."""
    header = Message()
    header["Content-Type"] = content_type.encode("ascii", "replace").decode()
    boundary = header.get_param("boundary")
    is_form = header.get_content_type() == "multipart/form-data"
    if not (is_form and isinstance(boundary, str) and 0 < len(boundary) <= _MOST_BOUNDARY):
        raise NotAFormError
    return boundary.encode("ascii", "replace")


@dataclass(slots=True)
class _Header:
    field: bytes = b""
    value: bytes = b""


class FormFiles:
    """Finds the files of a form. Fields, and files that were not chosen, are passed over."""

    def __init__(self, boundary: bytes) -> None:
        """Raises `NotAFormError`."""
        self._events: list[Event] = []
        self._header = _Header()
        self._is_file = False
        self._is_over = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part,
                    "on_header_field": self._on_field,
                    "on_header_value": self._on_value,
                    "on_header_end": self._on_header,
                    "on_headers_finished": self._on_headers,
                    "on_part_data": self._on_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except MultipartParseError:
            raise NotAFormError from None

    def feed(self, data: bytes) -> list[Event]:
        """What the next bytes bring. Raises `NotAFormError`."""
        try:
            self._parser.write(data)
        except MultipartParseError:
            raise NotAFormError from None
        events, self._events = self._events, []
        return events

    def end(self) -> None:
        """Nothing more comes. Raises `NotAFormError` where something is missing."""
        if not self._is_over:
            raise NotAFormError

    def _on_part(self) -> None:
        self._is_file = False

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header.field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._header.value += data[start:end]

    def _on_header(self) -> None:
        header, self._header = self._header, _Header()
        if header.field.strip().lower() == b"content-disposition":
            # A file that was not chosen comes with an empty name. A name is looked at for this, and dropped.
            self._is_file = bool(parse_options_header(header.value)[1].get(b"filename"))

    def _on_headers(self) -> None:
        if self._is_file:
            self._events.append(Mark.BEGIN)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._events.append(data[start:end])

    def _on_part_end(self) -> None:
        if self._is_file:
            self._events.append(Mark.END)

    def _on_end(self) -> None:
        self._is_over = True
