"""From the parts of a prompt to the messages of a chat, and from what came back to words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from cognition.language.model import Part, Share, Writing

Message = dict[str, str]

MOST_STOPS = 4

_SPECIAL = re.compile(
    r"<(?=[|｜]|/?(?:s|bos|eos|pad|unk|think|start_of_turn|end_of_turn)>|<SYS>>|</SYS>>)|(?<=[|｜])>|\[(?=/?INST\])"
)
"""Where a special token of a known chat template begins or ends."""


def plain(text: str) -> str:
    """Return a text that no chat template takes for more than text, and that UTF-8 can hold.

    What a server makes of special tokens in a message is its own; so none is sent: a space breaks each up.
    """
    broken = _SPECIAL.sub(lambda found: f" {found[0]}" if found[0] == ">" else f"{found[0]} ", text)
    return broken.encode("utf-8", "replace").decode()


def messages(parts: Sequence[Part], dropped: AbstractSet[int] = frozenset()) -> list[Message]:
    """Return what is shared as the system's message, and the rest as the user's. Frames are the endpoint's affair."""
    system = user = ""
    for number, part in enumerate(parts):
        if part.is_frame or number in dropped:
            continue
        if part.share <= Share.ROLE:
            system += part.text
        else:
            user += part.text
    found = [{"role": "system", "content": plain(system)}] if system.strip() else []
    return [*found, {"role": "user", "content": plain(user) if user.strip() else "."}]


def followed(said: Sequence[Message], answer: str, then: str) -> list[Message]:
    """Return a conversation with the model's answer and what it is asked next."""
    return [*said, {"role": "assistant", "content": plain(answer)}, {"role": "user", "content": plain(then)}]


def server_stops(writing: Writing) -> list[str]:
    """Return the stops that an endpoint takes: those of white space would end an answer that begins with one."""
    return [stop for stop in writing.stops if stop.strip()][:MOST_STOPS]


def cut(writing: Writing, text: str) -> str:
    """Return the words up to the first stop, without white space and quotation marks around them."""
    text = text.strip()
    lead = writing.lead.strip()
    if lead and text.startswith(lead):
        text = text[len(lead) :].strip()
    for stop in writing.stops:
        text = text.split(stop, 1)[0] if stop else text
    text = text.strip()
    if len(text) > 1 and (text[0], text[-1]) in (('"', '"'), ("“", "”"), ("„", "“")):
        text = text[1:-1].strip()
    return text


def bytes_of(said: Sequence[Message]) -> int:
    """Return the bytes of all messages."""
    return sum(len(message["content"].encode()) for message in said)
