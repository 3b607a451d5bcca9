"""Read YAML from outside: safely, within bounds, remembering the line of everything.

The YAML is read event by event into plain values. No tag is ever obeyed, no object built. Scalars follow YAML 1.2's
core schema: `on`, `yes` and `06:00` are texts. Keys are texts always. What is counted against the bounds is what the
document holds once its aliases are written out, so that a small file cannot grow into a large one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from engine.errors import Problem, ScenarioError

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"^[-+]?[0-9]{1,40}$")
_HEXADECIMAL = re.compile(r"^0x[0-9a-fA-F]{1,32}$")
_DECIMAL = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a document may be: bytes, values with aliases written out, nesting, characters in one text."""

    size: int = 1 << 20
    values: int = 50_000
    depth: int = 24
    text: int = 65_536


BOUNDS = Bounds()


@dataclass(slots=True)
class Node:
    """A value of the document with its line (1 is the first), and those below it by key or index."""

    value: Plain
    line: int
    values: int = 1
    depth: int = 1
    below: dict[str | int, Node] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, *location: str | int) -> int:
        """Return the line of what lies at these keys and indices, or of the last of them that is there."""
        node, line = self, self.line
        for part in location:
            line = node.key_lines.get(part, line) if isinstance(part, str) else line
            if part not in node.below:
                break
            node = node.below[part]
            if isinstance(part, int):
                line = node.line
        return line


def read_text(path: Path, bounds: Bounds = BOUNDS) -> str:
    """Return a file's text. ScenarioError: it is missing, not a file, too large, or not UTF-8."""
    origin = str(path)
    try:
        if path.is_dir():
            raise _failed(origin, "is a directory", "name the scenario file in it")
        if not path.exists():
            raise _failed(origin, "there is no such file", "check the name, or use a bundled scenario's")
        if not path.is_file():
            raise _failed(origin, "is not an ordinary file", "name a file that ends in .scenario.yaml")
        with path.open("rb") as stream:
            data = stream.read(bounds.size + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _failed(origin, f"cannot be read ({reason})", "check the name and the file's permissions") from error
    if len(data) > bounds.size:
        raise _failed(origin, f"is larger than {bounds.size} bytes", "a scenario is a short text; shorten it")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _failed(origin, "is not UTF-8 text", "save the file as UTF-8", line) from error


def read_yaml(text: str, origin: str, bounds: Bounds = BOUNDS) -> tuple[Node, list[Problem]]:
    """Read one YAML document.

    Returns its root and the problems that did not stop the reading (doubled keys, tags, unprintable characters).
    ScenarioError: it is no YAML, or beyond the bounds.
    """
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise _failed(origin, "is not UTF-8 text", "save the file as UTF-8", line) from error
    if size > bounds.size:
        raise _failed(origin, f"is larger than {bounds.size} bytes", "a scenario is a short text; shorten it")
    found = _UNPRINTABLE.search(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        what = f"holds the unprintable character U+{ord(found.group()):04X}"
        raise _failed(origin, what, "delete the character, or save the file as text", line)
    reader = _Reader(origin, bounds)
    try:
        root = reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.problem, error.context) if part)
        raise _failed(
            origin,
            f"is not YAML: {what}",
            "check indentation, quotes and brackets here",
            mark.line + 1 if mark is not None else 1,
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _failed(origin, f"is not YAML: {shorten(str(error), 120)}", "check the file", 1) from error
    return root, reader.problems


def shorten(text: str, most: int = 60) -> str:
    """Return a text in one line of at most `most` characters, with nothing unprintable."""
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return flat if len(flat) <= most else flat[: most - 3] + "..."


def _failed(origin: str, what: str, mend: str, line: int | None = None, path: str = "") -> ScenarioError:
    return ScenarioError(origin, [Problem(path, line, what, mend)])


def scalar_value(text: str) -> Plain:
    """Return what an unquoted scalar means: null, true, false, a number, or else the text itself.

    ValueError: it is a number that no file should hold (infinite, not a number, or too long).
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.match(text):
        return int(text)
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    if _NOT_FINITE.match(text):
        raise ValueError(f"{text} is not a finite number")
    if _DECIMAL.match(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(f"{shorten(text)} is too large")
        return value
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


class _Reader:
    """Builds nodes from parser events, keeping the bounds."""

    def __init__(self, origin: str, bounds: Bounds) -> None:
        self.origin = origin
        self.bounds = bounds
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.path: list[str] = []

    def read(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.failed(event, "holds a second document", "keep one document; delete this `---`")
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, 1)
        return root if root is not None else Node(None, 1)

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        if depth > self.bounds.depth:
            raise self.failed(event, f"is nested deeper than {self.bounds.depth} levels", "flatten it")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        anchor = event.anchor if isinstance(event, yaml.NodeEvent) else None
        if anchor is not None:
            self.anchors[anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.note_tag(event, event.tag)
            node = self.sequence(event, events, depth)
        elif isinstance(event, yaml.MappingStartEvent):
            self.note_tag(event, event.tag)
            node = self.mapping(event, events, depth)
        else:
            raise self.failed(event, "is not YAML", "check the indentation here")
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        if event.anchor not in self.anchors:
            raise self.failed(
                event,
                f"uses `*{shorten(str(event.anchor))}`, which is not defined above",
                "define it with `&` first, or write the value",
            )
        target = self.anchors[event.anchor]
        if target is None:
            raise self.failed(event, f"`*{shorten(str(event.anchor))}` holds itself", "write the values out")
        if depth + target.depth - 1 > self.bounds.depth:
            raise self.failed(event, f"is nested deeper than {self.bounds.depth} levels", "flatten it")
        return target

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        line = _line(event)
        if len(event.value) > self.bounds.text:
            raise self.failed(event, f"holds a text longer than {self.bounds.text} characters", "shorten it")
        if event.tag is not None:
            self.note_tag(event, event.tag)
        if _UNPRINTABLE.search(event.value):
            self.note(event, "holds an unprintable character", "delete the escape")
            return Node("", line)
        if event.style:
            return Node(event.value, line)
        try:
            return Node(scalar_value(event.value), line)
        except ValueError as error:
            self.note(event, str(error), "write a finite number, or quote the text")
            return Node(0, line)

    def sequence(self, start: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        values: list[Plain] = []
        node = Node(values, _line(start))
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            self.path.append(f"[{len(values)}]")
            below = self.node(event, events, depth + 1)
            self.path.pop()
            self.grow(node, below, event)
            node.below[len(values)] = below
            values.append(below.value)
        return node

    def mapping(self, start: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        values: dict[str, Plain] = {}
        node = Node(values, _line(start))
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise self.failed(event, "has a key that is not a word", "write `name: value`")
            key = event.value
            self.path.append("." + shorten(key))
            if key in values:
                self.note(event, f"is there twice, first in line {node.key_lines[key]}", "keep one of the two")
            elif key == "<<" and not event.style:
                self.note(event, "merge keys are not read", "write the keys out here")
            elif _UNPRINTABLE.search(key) or len(key) > 200:
                self.note(event, "is not a name", "use letters, digits, `_` and `-`")
            below = self.node(next(events), events, depth + 1)
            self.path.pop()
            self.grow(node, below, event)
            if key not in values and not (key == "<<" and not event.style):
                node.below[key] = below
                node.key_lines[key] = _line(event)
                values[key] = below.value
        return node

    def grow(self, node: Node, below: Node, event: yaml.Event) -> None:
        node.values += below.values
        node.depth = max(node.depth, below.depth + 1)
        if node.values > self.bounds.values:
            raise self.failed(
                event, f"holds more than {self.bounds.values} values once its aliases are written out", "shorten it"
            )

    def note_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None:
            self.note(event, f"has the tag {shorten(tag, 40)}, and tags are not read", "delete the tag")

    def note(self, event: yaml.Event, what: str, mend: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(self.where(), _line(event), what, mend))

    def failed(self, event: yaml.Event, what: str, mend: str) -> ScenarioError:
        return _failed(self.origin, what, mend, _line(event), self.where())

    def where(self) -> str:
        return "".join(self.path).removeprefix(".")
