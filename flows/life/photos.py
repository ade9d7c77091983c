"""Photos that a page asks for: taken, kept among the answers, deleted."""

from dataclasses import dataclass

from flows.case import LARGEST_PHOTO, MOST_PHOTOS
from flows.conditions import at
from flows.events import CapturePhoto, Event, PhotoDeleted, PhotoTaken
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.messages import Problem
from flows.ports import Device
from flows.view import Message, PhotoBody

PHOTO_DEADLINE_S = 10.0
"""A still that has not come by then has failed."""


@dataclass(slots=True)
class Photos:
    """The photos of the page that is shown. `pending_since`: when the still that is awaited was asked for."""

    context: VisitContext
    pages: Pages
    pending_since: float = 0.0

    def body(self) -> PhotoBody:
        """What a photo page shows."""
        return PhotoBody(
            photo_ids=tuple(self._ids()),
            limit=self._limit(),
            camera=self.context.devices[Device.CAMERA],
            capturing=bool(self.pages.pending_photo),
            problem=self._problem(),
        )

    # --- named in the table ---------------------------------------------------------------------------------

    def can_take(self, _event: Event) -> bool:
        """There is a camera, room, and no still on its way."""
        free = len(self._ids()) < self._limit()
        return free and not self.pages.pending_photo and self.context.is_usable(Device.CAMERA)

    def take(self, _event: Event) -> None:
        """Ask for a still."""
        self.pages.problem = None
        self.pages.pending_photo = str(self.context.new_id())
        self.pending_since = self.context.clock.monotonic()
        self.context.send(CapturePhoto(self.pages.pending_photo))

    def keep(self, event: Event) -> None:
        """The still that was asked for; an older one comes too late."""
        awaited = self.pages.pending_photo
        if not isinstance(event, PhotoTaken) or not awaited or event.photo_id != awaited:
            return
        self.pages.pending_photo = ""
        if not 0 < len(event.jpeg) <= LARGEST_PHOTO:
            self.pages.problem = Message(Problem.PHOTO_FAILED)
            return
        self.pages.answers.photos[event.photo_id] = event.jpeg
        self.pages.answers.put(self._field(), [*self._ids(), event.photo_id])

    def delete(self, event: Event) -> None:
        """Forget a photo of this page."""
        if isinstance(event, PhotoDeleted) and event.photo_id in self._ids():
            self.pages.answers.photos.pop(event.photo_id, None)
            rest = [each for each in self._ids() if each != event.photo_id]
            self.pages.answers.put(self._field(), rest)

    def tick(self, _event: Event) -> None:
        """A still that never came has failed."""
        waited_s = self.context.clock.monotonic() - self.pending_since
        if self.pages.pending_photo and waited_s >= PHOTO_DEADLINE_S:
            self.pages.pending_photo = ""
            self.pages.problem = Message(Problem.PHOTO_FAILED)

    # --- of this page ---------------------------------------------------------------------------------------

    def _field(self) -> str:
        """The field that lists the photos of this page."""
        return at(self.pages.page().photos, self.pages.place().slot)

    def _ids(self) -> list[str]:
        """The photos of this page, oldest first."""
        listed = self.pages.answers.values.get(self._field())
        return list(listed) if isinstance(listed, list) else []

    def _limit(self) -> int:
        """How many photos this page may hold, with those that the report holds elsewhere."""
        elsewhere = len(self.pages.answers.photos) - len(self._ids())
        return min(self.pages.page().limit, MOST_PHOTOS - elsewhere)

    def _problem(self) -> Message | None:
        """What is wrong with the last photo, or that no more fit into the report."""
        if not self._limit():
            return Message(Problem.PHOTOS_FULL, {"most": str(MOST_PHOTOS)})
        return self.pages.problem
