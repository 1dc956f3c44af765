"""`saqtau`, the console script. Commands are loaded when called, so that the pure tools start fast."""

import importlib
import sys

import click

from backend.app import lifeline
from backend.app.commands import console

# command -> module of backend.app.commands, and its line in the help
COMMANDS = {
    "serve": ("serve", "run the HTTP service"),
    "worker": ("worker", "run the background jobs"),
    "bot": ("bot", "run the Telegram bot"),
    "sandbox": ("sandbox", "run the stand-ins of the outside systems"),
    "migrate": ("migrate", "bring the database to the newest schema"),
    "demo": ("demo", "the whole country on this machine, end to end"),
    "bench": ("bench", "measure, as ratios to the limit of the same run"),
    "allocate": ("allocate", "allocate one plan line (domain 5.3)"),
    "simulate": ("simulate", "what changes if shares, scores or the plan do: before and after"),
    "ecp": ("ecp", "verify electronic signatures"),
    "calendar": ("calendar", "legal days and terms (domain 4)"),
    "id": ("ids", "check an IIN or a BIN"),
    "mhi-status": ("mhi_status", "is this person insured, and why (domain 5.6)"),
    "registry": ("registry", "verify the operation log"),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"backend.app.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def saqtau() -> None:
    """Saqtau: the digital service of healthcare financing."""


def main() -> None:
    """Run the console script; a wrong argument is JSON on standard error and exit 2."""
    lifeline.watch()
    try:
        saqtau.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as e:
        click.echo(e.ctx.get_help() if e.ctx else "")
        sys.exit(2)
    except click.ClickException as e:
        console.bad_argument(e.format_message())
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)


if __name__ == "__main__":
    main()
