"""`portal settings`: the manual's page about every setting."""

import click

HEAD = """# Settings

One TOML file, named by `--settings FILE` or `PORTAL_SETTINGS`. `portal init` writes one with every setting explained.

- A secret stands in a file of its own: `secret_key = { file = "secrets/secret_key" }`, relative to the settings file.
  A file everybody can read is refused.
- An environment variable overrides the file: `PORTAL_LOG_LEVEL=debug`, `PORTAL_PASSWORDS__MIN_LENGTH=20`.
- All mistakes are told together at start. `portal check` then connects everything and says what is missing.
- A setting without a default must be given, unless its meaning says otherwise.

"""


@click.command(name="settings")
def settings_page() -> None:
    """Print every setting with its meaning and default, as Markdown."""
    from portal.settings.manual import markdown

    click.echo(HEAD + markdown(), nl=False)
