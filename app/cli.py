"""The `sociarium` command: arguments in, exit status out (0 done, 1 the run failed, 2 the input was wrong)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import SociariumError

COMING = {
    "ask": "asking a person about a moment of a run",
    "survey": "interviewing a population",
}
"""Commands of the plan that this version does not have; said plainly instead of guessed at."""
ROOMS = {
    "doctor": "app.doctor",
    "driver": "app.driver",
    "host": "app.hosting",
    "llama-build": "app.llama_build",
    "mind-child": "app.mind_process",
    "minds": "app.minds_command",
    "open": "app.open_command",
    "picture": "app.picture_process",
    "serve": "app.hosting",
}
"""Where commands live that must not wait for the engine's imports; all others are in app.commands."""
HIDDEN = ("driver", "host", "llama-build", "mind-child", "picture")
"""Commands that the program starts itself: two for `doctor`, `mind-child` for minds, the others for windows."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with status 2 and one line that says where help is."""
        print(f"sociarium: {message} (see `{self.prog} --help`)", file=sys.stderr)
        raise SystemExit(2)


def whole(least: int) -> Any:
    """Return a reader of whole numbers that are not below `least`."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit():
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{text} is below {least}")
        return value

    return read


def seconds(text: str) -> float:
    """Read a time of 0 to 3,600 seconds."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of 0 to 3600 seconds")
    return value


def size(text: str) -> tuple[int, int]:
    """Read a size such as 1280x720."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 7680 and 240 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(f"{text!r} is no size from 320x240 to 7680x4320, such as 1280x720")
    return int(width), int(height)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = Parser(prog="sociarium", description="A laboratory for societies of agents.")
    top.add_argument("--version", action="version", version=f"sociarium {version('sociarium')}")
    top.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def add(name: str, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")
        return command

    def with_json(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command.add_argument("--json", action="store_true", help="print one JSON object last on stdout")
        return command

    opened = add("open", "Open the window: on a scenario, a run file, a society elsewhere, or its start page.")
    opened.add_argument("what", metavar="NAME|FILE|RUN|ADDRESS", nargs="?", help="default: the start page")
    opened.add_argument("--shot", type=Path, metavar="PICTURE.png", help="save a picture of the window and leave")
    opened.add_argument("--after", type=seconds, default=3.0, metavar="SECONDS", help="how long people live before it")
    opened.add_argument("--size", type=size, metavar="WIDTHxHEIGHT", help="the window's size (a picture: 1440x900)")
    opened.add_argument("--token-file", metavar="F", type=Path, help="the file with the token of a society elsewhere")

    run = with_json(add("run", "Run a scenario into a run file."))
    run.add_argument("scenario", metavar="SCENARIO", help="a bundled name or a file")
    run.add_argument("--ticks", type=whole(1), help="how many ticks (default: the scenario's time.ticks)")
    run.add_argument("--seed", type=whole(0), help="another seed than the scenario's")
    run.add_argument("--mind", help="one mind for everyone")
    run.add_argument("--space", help="another backend of the space: hex or mesa-frames")
    run.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help="change a field of the scenario")
    run.add_argument("--out", type=Path, metavar="RUN", help="the run file to write")
    run.add_argument("--estimate", action="store_true", help="only say what the run would take")

    resume = with_json(add("resume", "Go on with a run that ended early."))
    resume.add_argument("run", type=Path, metavar="RUN")
    resume.add_argument("--ticks", type=whole(1), help="the tick to end at (default: as planned)")

    verify = with_json(add("verify", "Replay a run and compare every state hash."))
    verify.add_argument("run", type=Path, metavar="RUN")

    info = with_json(add("info", "Tell the story of a run."))
    info.add_argument("run", type=Path, metavar="RUN")

    export = with_json(add("export", "Write a run as tables."))
    export.add_argument("run", type=Path, metavar="RUN")
    export.add_argument("--to", choices=("parquet", "csv"), required=True)
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--progress", action="store_true", help="print {share: 0..1} on lines of their own meanwhile")

    branch = with_json(add("branch", "Go on from a tick of a run with something changed, in a new run file."))
    branch.add_argument("run", type=Path, metavar="RUN")
    branch.add_argument("--at", type=whole(0), metavar="TICK", required=True)
    branch.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], help="change a field of the scenario"
    )
    branch.add_argument("--ticks", type=whole(1), help="the tick to end at (default: where RUN ended)")
    branch.add_argument("--out", type=Path, metavar="RUN", help="the run file to write")

    scenario = add("scenario", "Check a scenario, or print the format's JSON Schema.")
    what = scenario.add_subparsers(dest="what", metavar="check|schema", required=True, parser_class=Parser)
    what.add_parser("check", help="say all that is wrong with a scenario").add_argument("file", metavar="FILE")
    what.add_parser("schema", help="print the JSON Schema")

    minds = add("minds", "List the minds there are, or add a language model.")
    does = minds.add_subparsers(dest="what", metavar="list|add|pull", required=True, parser_class=Parser)
    listed = with_json(does.add_parser("list", help="say which minds there are, and what each is"))
    listed.add_argument("--measure", action="store_true", help="measure every model anew")
    added = with_json(does.add_parser("add", help="check a GGUF file and keep it"))
    added.add_argument("file", metavar="FILE", type=Path)
    does.add_parser("pull", help="(not in this version) fetch a model").add_argument("name", metavar="NAME")

    bench = with_json(add("bench", "Measure speed, memory and file size on this machine."))
    bench.add_argument("names", metavar="NAME", nargs="*")
    bench.add_argument("--full", action="store_true", help="the long form of every bench")
    bench.add_argument("--plot", type=Path, metavar="FILE", help="draw what `engine` measures as .svg or .png")

    with_json(add("doctor", "Say what this machine has, and the mend for what is missing."))

    serve = add("serve", "Run a scenario, or show a run, for windows and scripts on this machine.")
    serve.add_argument("what", metavar="NAME|FILE|RUN", nargs="?", default="settlement")
    serve.add_argument("--host", metavar="H", default="127.0.0.1", help="the address to listen on; only loopback yet")
    serve.add_argument("--port", metavar="P", type=whole(0), default=0, help="the port (default: any that is free)")
    serve.add_argument("--token-file", metavar="F", type=Path, help="the file with the token; made if not there")
    for name, about in COMING.items():
        add(name, f"(not in this version) {about}")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in COMING and "--help" not in given:
        print(f"sociarium: {COMING[given[0]]} (`sociarium {given[0]}`) is not in this version yet", file=sys.stderr)
        return 2
    is_hidden = len(given) == 1 and given[0] in HIDDEN
    options = argparse.Namespace(command=given[0], debug=False) if is_hidden else parser().parse_args(given or ["open"])
    try:
        return _dispatch(options)
    except SociariumError as error:
        if options.debug:
            raise
        for line in str(error).splitlines():
            print(f"sociarium: {line}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("sociarium: stopped at once; committed ticks are kept, go on with `sociarium resume`", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        if options.debug:
            raise
        print(
            f"sociarium: {type(error).__name__}: {error}. This is a fault of ours; --debug shows where", file=sys.stderr
        )
        return 1


def _dispatch(options: argparse.Namespace) -> int:
    room = ROOMS.get(options.command, "app.commands")
    handler = getattr(import_module(room), f"command_{options.command.replace('-', '_')}")
    result: int = handler(options)
    return result


def print_json(thing: Any) -> None:
    """Print one JSON object on one line of stdout."""
    print(json.dumps(thing, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
