"""`report-centre messages`: what could not be sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from central.centre import Centre, now
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.store import messages
from central.store.store import Store

messages_app = typer.Typer(no_args_is_help=True, help="Messages to visitors.")

_MOST_LISTED = 200


@messages_app.command("list")
def list_messages(directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """List messages that wait or were given up. Addresses stay in the sealed cases."""
    with _store(directory, database) as store, store.reading() as db:
        unsent, state = messages.unsent(db, _MOST_LISTED), messages.state(db)
    for message in unsent:
        how = "given up" if message.given_up_at else f"due {message.due_at.isoformat(timespec='seconds')}"
        channel, kind = message.channel.value, message.kind.value
        typer.echo(
            f"{message.id:8} {channel:6} {kind:9} tries {message.tries:3}  {how}  case {message.case_id}"
        )
    typer.echo(f"waiting {state.waiting}, given up {state.given_up}, sent {state.sent}")


@messages_app.command()
def retry(directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """Put messages that were given up back into the queue, once what stopped them is mended."""
    with _store(directory, database) as store, store.writing() as db:
        again = messages.try_again(db, now())
    typer.echo(f"{again} messages wait again.")


@contextmanager
def _store(directory: Path, database: str | None) -> Iterator[Store]:
    with explained():
        store = Centre(directory, database).store()
        try:
            yield store
        finally:
            store.close()
