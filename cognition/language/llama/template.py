"""A model's chat template, read once: rendered around placeholders, and cut there."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as native

from cognition.language.llama.library import Model
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.model import Frame

_SYSTEM, _USER = "{sociarium system}", "{sociarium user}"
_LONGEST = 200_000
_ROOM = 1 << 16
Messages = Sequence[tuple[str, str]]


def frame_of(model: Model, vocabulary: Vocabulary) -> Frame:
    """Return what the model's template puts around one turn; an empty frame where it has none that can be used.

    A template without a role for the system has the system's text put before the user's, in the same turn.
    """
    found = native.llama_model_chat_template(model.pointer, None)
    text = found.decode("utf-8", "replace") if found else ""
    if not text or len(text) > _LONGEST:
        return Frame()
    for render in (_native, _jinja):
        for with_system in (True, False):
            frame = _cut(render(text, _messages(with_system), vocabulary), with_system)
            if frame is not None:
                return frame
    return Frame()


def _messages(with_system: bool) -> Messages:
    if with_system:
        return [("system", _SYSTEM), ("user", _USER)]
    return [("user", f"{_SYSTEM}\n\n{_USER}")]


def _cut(rendered: str, with_system: bool) -> Frame | None:
    """Cut a rendered turn at its placeholders; None when they are not both there, once and in order."""
    if rendered.count(_SYSTEM) != 1 or rendered.count(_USER) != 1:
        return None
    before_system, rest = rendered.split(_SYSTEM)
    if _USER not in rest:
        return None
    before_user, before_answer = rest.split(_USER)
    if with_system and not before_user.strip():
        # It was taken for the user's own text.
        return None
    return Frame(before_system, before_user, before_answer)


def _native(text: str, messages: Messages, _: Vocabulary) -> str:
    """Render by llama.cpp's own list of templates; "" when it is not among them."""
    rows = (native.llama_chat_message * len(messages))(
        *(native.llama_chat_message(role=role.encode(), content=content.encode()) for role, content in messages)
    )
    buffer = ctypes.create_string_buffer(_ROOM)
    count = native.llama_chat_apply_template(text.encode(), rows, len(messages), True, buffer, _ROOM)
    return buffer.raw[:count].decode("utf-8", "replace") if 0 < count <= _ROOM else ""


def _jinja(text: str, messages: Messages, vocabulary: Vocabulary) -> str:
    """Render in jinja2's sandbox; "" when the template does not work. The file is not trusted, so any error is one."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    try:
        formatter = Jinja2ChatFormatter(text, vocabulary.name(vocabulary.end), vocabulary.name(vocabulary.begin))
        rows: Any = [{"role": role, "content": content} for role, content in messages]
        return str(formatter(messages=rows).prompt)[:_ROOM]
    except Exception:
        return ""
