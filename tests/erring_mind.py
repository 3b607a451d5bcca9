"""A model child that errs in every way in turn: `python -m tests.erring_mind FOLDER TIMES SECONDS FAMILY...`

It speaks the real pipe and has no model. Of each family of misdeeds it commits TIMES, drawn at random among messages
that it answers well, counted over all its lives by a file of each family's name in FOLDER; what is too late is too late
by SECONDS. The first message of a life is mostly answered well. Without a family it does no wrong and counts nothing;
the family `always crashes` stands alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cognition.language.llama.messages import pack_answers, pack_info, read_requests
from cognition.language.llama.pipe import read_frame, unpacked
from cognition.language.model import Answer, ModelInfo, Request
from tests.fake_mind import Fake, right

FAMILIES = {
    "hangs": ("hangs", "stops in the middle of an answer"),
    "dies": ("dies", "crashes"),
    "garbage": ("says garbage", "prints among its answers", "says broken JSON", "says what is too long"),
    "nonsense": ("answers with what is no option", "answers with what are no probabilities"),
    "half": ("dies in the middle of an answer",),
    "another's": ("answers another's", "answers twice", "answers for one alone"),
    "late": ("answers too late",),
}


class Erring(Fake):
    """One life of it."""

    def __init__(self, folder: Path, times: int, seconds: float, families: Sequence[str]) -> None:
        super().__init__("", times, folder)
        self.seconds = seconds
        self.families = families
        self.is_fresh = True

    def live(self) -> None:
        source = os.fdopen(os.dup(0), "rb", buffering=0)
        assert read_frame(source)
        if self.has_lived() and self.random.random() < 0.08 and self.errs("dies"):
            os._exit(1)
        self.say(say="ready", info=pack_info(ModelInfo("erring", "erring")), gpu=False)
        while (body := read_frame(source)) is not None:
            message = unpacked(body)
            if message["do"] == "forget":
                self.say(say="forgot", numbers=message["numbers"])
                continue
            requests = read_requests(message)
            self.mode = self.misdeed()
            if self.mode:
                self.do_wrong(requests)
            else:
                self.say(say="answers", busy=1.0, **pack_answers(self.varied(requests)))

    def has_lived(self) -> bool:
        """Whether this is not the first life; that one must get ready, or there is no model at all."""
        if not self.families:
            return False
        before = (self.path / "lives").exists()
        (self.path / "lives").touch()
        return before

    def misdeed(self) -> str:
        """Return what to do wrong now, "" for nothing."""
        if "always crashes" in self.families:
            return "crashes"
        was_fresh, self.is_fresh = self.is_fresh, False
        if self.random.random() < (0.95 if was_fresh else 0.4):
            return ""
        left = [name for name in self.families if not self.is_done(name)]
        family = self.random.choice(left) if left else ""
        return self.random.choice(FAMILIES[family]) if family and self.errs(family) else ""

    def is_done(self, family: str) -> bool:
        path = self.path / family
        return path.exists() and path.stat().st_size >= self.times

    def errs(self, family: str) -> bool:
        """Count a misdeed; False when enough of its family were done."""
        if family not in self.families or self.is_done(family):
            return False
        with (self.path / family).open("ab") as file:
            file.write(b".")
        return True

    def varied(self, requests: Sequence[Request]) -> list[Answer]:
        """Return sound answers with all kinds of options."""
        found = []
        for request, answer in zip(requests, right(requests), strict=True):
            chosen = request.seed % max(1, len(request.options))
            shares = tuple(float(i == chosen) for i in range(len(request.options)))
            found.append(Answer(answer.number, chosen, shares, counts=answer.counts))
        return found

    def do_wrong(self, requests: Sequence[Request]) -> None:
        if self.mode == "answers too late":
            until = time.monotonic() + self.seconds
            while time.monotonic() < until:
                self.say(say="alive")
                time.sleep(0.05)
            self.answers(right(requests))
        elif self.mode == "answers for one alone":
            good = self.varied(requests)
            self.answers([*good[:1] * 3, *good[1:]])
        else:
            super().do_wrong(requests)


if __name__ == "__main__":
    Erring(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]).live()
