"""What people type after `kiosk`. Every command imports what it needs when it runs: `--help` is quick."""

import typer

from kiosk.commands import development, flows, installation, maintenance, outbox, pictures

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def describe() -> None:
    """Self-service kiosk at which the public reports lost property to the police."""


for _command in (
    development.run,
    development.visit,
    development.tour,
    development.lever,
    pictures.scan,
    pictures.mrz,
    pictures.receipt,
    installation.doctor,
    installation.enrol,
):
    app.command()(_command)

app.add_typer(flows.app, name="flows")
app.add_typer(outbox.app, name="outbox")
app.add_typer(maintenance.app, name="maintenance")
