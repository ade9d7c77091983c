"""Files from the visitor's own phone: a way for them is open while the service that asked for them lasts.

The way is opened on arriving at the first files page and closed at the end of the visit however it ends. What
arrived is kept only with a case that names it.
"""

from dataclasses import dataclass
from uuid import UUID

from flows.answering.carrying import file_fields
from flows.asking.lookup import recipient_of
from flows.case import MOST_FILES
from flows.events import CloseUpload, Command, DropFile, Event, FileDeleted, OpenUpload, UploadChanged
from flows.life.lifecycle import State
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.pack import PageKind
from flows.ports import Upload, UploadedFile
from flows.recipients import Recipient
from flows.view import ArrivedFile, FilesBody, UploadState


@dataclass(slots=True)
class Uploading:
    """One way for a visit. `opened` while it may be open; `upload` is what was last heard of it.

    `field` lists what arrives now, `named` is what the submitted case names. Once `is_finished` no other
    opens.
    """

    context: VisitContext
    pages: Pages
    opened: UUID | None = None
    recipient: Recipient = Recipient.REPORTS
    upload: Upload | None = None
    field: str = ""
    state: State = State.ATTRACT
    named: frozenset[str] = frozenset()
    is_finished: bool = False

    def body(self) -> FilesBody:
        """What the files page shows."""
        upload = self.upload
        files = self.pages.answers.files
        shown = tuple(
            ArrivedFile(each, files[each].kind, files[each].size) for each in self.listed() if each in files
        )
        state = UploadState.OPENING
        if self.is_finished:
            state = UploadState.CLOSED
        elif upload is not None and not upload.is_reachable:
            state = UploadState.UNREACHABLE
        elif upload is not None:  # a way ends by itself after half an hour
            state = UploadState.OPEN if upload.is_open else UploadState.CLOSED
        code = upload.address if upload is not None and state is UploadState.OPEN else ""
        return FilesBody(state, code, shown, min(self.pages.page().limit, MOST_FILES))

    def listed(self) -> list[str]:
        """The files of this page, oldest first."""
        value = self.pages.answers.values.get(self.pages.page().files)
        return list(value) if isinstance(value, list) else []

    def brings_more(self, event: UploadChanged) -> bool:
        """Whether a file has come that was not there before."""
        known = self.pages.answers.files
        return event.upload_id == self.opened and any(f.file_id not in known for f in event.upload.files)

    # --- named in the table ---------------------------------------------------------------------------------

    def note(self, event: Event) -> None:
        """Something arrived, or the way stands differently."""
        if not isinstance(event, UploadChanged) or event.upload_id != self.opened:
            return
        self.upload = event.upload
        answers = self.pages.answers
        for each in event.upload.files:
            if each.file_id not in answers.files and each.file_id not in answers.dropped_files:
                self._arrive(each)

    def _arrive(self, file: UploadedFile) -> None:
        """It belongs to the files page that was shown last."""
        answers = self.pages.answers
        if len(answers.files) >= MOST_FILES:
            return
        answers.files[file.file_id] = file
        field = self._field_now()
        before = answers.values.get(field)
        answers.put(field, [*(before if isinstance(before, list) else []), file.file_id])

    def _field_now(self) -> str:
        """The visitor may have gone on into another service since; its first files page lists it then."""
        names = file_fields(self.pages.known().pack)
        return self.field if self.field in names or not names else names[0]

    def delete(self, event: Event) -> None:
        """Forget a file of this page."""
        if isinstance(event, FileDeleted) and event.file_id in self.listed() and self.opened is not None:
            answers = self.pages.answers
            answers.files.pop(event.file_id, None)
            answers.dropped_files.add(event.file_id)
            answers.put(self.pages.page().files, [each for each in self.listed() if each != event.file_id])
            self.context.send(DropFile(self.opened, event.file_id))

    # --- after every event ----------------------------------------------------------------------------------

    def settle(self, state: State) -> list[Command]:
        """Open the way where it is asked for; close it once it leads nowhere any more."""
        before, self.state = self.state, state
        commands: list[Command] = []
        if state is State.SUBMITTING:
            self.named = frozenset(self.pages.known().files())
        if state is State.RECEIVED or (state is State.WIPED and before is State.SUBMITTING):
            commands += self._close(keep=True)  # a case that is just being committed may name the files
        elif state is State.WIPED or self._has_moved_on():
            commands += self._close(keep=False)
        elif self._is_for_another():
            self._forget_files()
            commands += self._close(keep=False)
        if state is State.FILES:
            self.field = self.pages.page().files
            if self.opened is None and not self.is_finished:
                commands.append(self._open())
        return commands

    def _has_moved_on(self) -> bool:
        """The answers were forgotten for another service."""
        return self.pages.answers.upload != self.opened

    def _is_for_another(self) -> bool:
        """This service is for somebody else's eyes, or the centre has said since whose its report is."""
        takes_files = self.pages.pack is not None and bool(file_fields(self.pages.pack))
        return self.opened is not None and takes_files and self._recipient_now() is not self.recipient

    def _recipient_now(self) -> Recipient:
        pages = self.pages
        return recipient_of(pages.pack.definition, pages.answers.lookup) if pages.pack else self.recipient

    def _forget_files(self) -> None:
        """They are sealed to those who do not get the case: no case may name them."""
        pages = self.pages
        pages.answers.forget_files(file_fields(pages.known().pack))
        pages.walk.seen -= {place for place in pages.walk.seen if pages.known().pack.pages[place.page].files}

    def _open(self) -> Command:
        definition = self.pages.known().pack.definition
        limit = sum(page.limit for page in definition.pages if page.kind is PageKind.FILES)
        self.opened, self.recipient = self.context.new_id(), self._recipient_now()
        self.upload = None
        self.pages.answers.upload = self.opened
        return OpenUpload(self.opened, self.recipient, min(limit, MOST_FILES), self.context.language)

    def _close(self, *, keep: bool) -> list[Command]:
        """What the case does not name is dropped before the rest is kept."""
        opened, self.opened, self.upload = self.opened, None, None
        if opened is None:
            return []
        kept = self.named if keep else frozenset()
        self.is_finished = keep
        dropped = [each for each in self.pages.answers.files if each not in kept] if kept else []
        return [*(DropFile(opened, each) for each in dropped), CloseUpload(opened, keep=bool(kept))]
