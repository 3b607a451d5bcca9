"""`sociarium open`: the window; without a display a headless run, and a picture by a screen in memory (Xvfb)."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence

from app import display, opening
from app.host_process import this_program
from app.scenarios import find
from engine.errors import RemoteError, SociariumError

USUAL = "settlement"
"""What runs where there is no start page to choose from."""
PICTURE = "village.png"
MEND = "install it (Debian, Ubuntu: sudo apt-get install xvfb xauth), or use a machine with a display"


class DisplayError(SociariumError):
    """There is no way to show or to draw a window here."""

    exit_status = 1


def command_open(options: argparse.Namespace) -> int:
    """Open the window, or do what can be done without one."""
    what = options.what
    why = display.trouble()
    if why and options.shot is not None:
        return _shot_in_memory(why, options)
    if why:
        return _without_window(why, what)
    society = None if what is None else opening.society(what, options.token_file)
    try:
        from app import desktop  # Qt loads while the host starts
    except ImportError as error:
        if society is not None and society.process is not None:
            society.process.close()
        raise DisplayError(f"Qt cannot be loaded ({error}); `sociarium doctor` names what is missing") from error
    picture = None if options.shot is None else desktop.Picture(options.shot, options.after)
    return desktop.run(society, options.size, picture)


def _without_window(why: str, what: str | None) -> int:
    """Run headless, as `run` does, and draw the village where Xvfb is."""
    if what is not None and what.startswith(opening.SCHEME):
        raise RemoteError(f"{why}, and a society elsewhere can only be watched in a window; open it where there is one")
    wanted = USUAL if what is None else what
    find(wanted)
    print(f"sociarium: {why}, so this runs without a window", file=sys.stderr, flush=True)
    from app import commands

    status, run = commands.open_headless(wanted)
    if status == 0 and run is not None and display.has_screen_in_memory():
        picture = run.with_name(PICTURE)
        if _in_memory(["open", str(run), "--shot", str(picture)]) == 0:
            print(f"Picture of the village: {picture}")
    return status


def _shot_in_memory(why: str, options: argparse.Namespace) -> int:
    """Take the picture on a screen in memory."""
    if not display.has_screen_in_memory():
        raise DisplayError(f"{why}, and a picture without one needs Xvfb, which is not here; {MEND}")
    words = ["open", *([] if options.what is None else [options.what])]
    words += ["--shot", str(options.shot), "--after", str(options.after)]
    if options.size is not None:
        words += ["--size", "{}x{}".format(*options.size)]
    if options.token_file is not None:
        words += ["--token-file", str(options.token_file)]
    return _in_memory(words)


def _in_memory(words: Sequence[str]) -> int:
    """Run this program on a screen in memory; return its exit status."""
    try:
        with display.screen_in_memory() as surroundings:
            return _run_again(words, surroundings)
    except OSError as error:
        raise DisplayError(f"Xvfb does not start ({error}); {MEND}") from error


def _run_again(words: Sequence[str], surroundings: Mapping[str, str]) -> int:
    return subprocess.run([*this_program(), *words], env=dict(surroundings), check=False).returncode
