"""Continuous batching in one process: requests in, answers out, one decode at a time.

Who joins which decode is decided by the order of requests and by the engine's own state, never by the clock: the same
requests put to a fresh engine in the same order meet in the same batches.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cognition.language.llama.library import Batch, Context, Room
from cognition.language.llama.prompt import Prompt, TooLong, Unfit, lay_out
from cognition.language.llama.solving import Solved, Solver, Solving, trie_cells
from cognition.language.llama.tree import Key, Node, PrefixTree, Sequences, lock
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.llama.writing import Feed, Rows
from cognition.language.model import MOST_OPTIONS, Answer, Cause, Counts, Failure, Request, Share
from engine.errors import MindError

_NO_ROOM = "the cache has no room for it; give the model a larger context"


@dataclass(frozen=True, slots=True)
class Settings:
    """How an engine works. context: the most tokens of one request; slots: requests at a time.

    fill: so many tokens make a decode worth its while, and no further request begins in it (attention runs over all
    that is in the cache, so a CPU wants few at a time); keeps_people: a person's own beginning is kept too.
    """

    context: int
    slots: int
    fill: int
    keeps_people: bool


@dataclass(slots=True, eq=False)
class _Job:
    """A request that is being answered."""

    request: Request
    prompt: Prompt
    work: Solving
    feed: Feed
    node: Node
    sequence: int
    length: int
    """Tokens that its sequence holds."""
    cells: int
    """Cells set aside for it."""
    cached: int
    began: float
    keep: tuple[Key, ...] = ()
    at: int = 0
    """How much of the feed was decoded."""
    read: Rows = field(default_factory=list)
    branches: dict[int, int] = field(default_factory=dict)


class Engine:
    """Answers requests with one model. `batches` counts decodes and `decoded` their tokens.

    adapters: files of LoRA adapters by the names that requests use.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        context: Context,
        solver: Solver,
        room: Room,
        settings: Settings,
        adapters: Mapping[str, Path],
    ) -> None:
        self._vocabulary, self._context, self._solver = vocabulary, context, solver
        self._room, self._settings, self._adapters = room, settings, adapters
        self._batch = Batch(room.batch, MOST_OPTIONS * room.batch)
        self._sequences = Sequences(room.sequences)
        self._tree = PrefixTree(context, self._sequences)
        self._waiting: deque[Request] = deque()
        self._jobs: list[_Job] = []
        self._held = 0
        self._adapter = ""
        self._next: tuple[Request, Prompt] | None = None
        self._ready: list[Answer] = []
        self.batches = self.decoded = 0

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self._waiting or self._jobs or self._ready)

    def add(self, requests: Sequence[Request]) -> None:
        """Put requests at the end of the queue, those of one adapter together."""
        adapters = list(dict.fromkeys(request.adapter for request in requests))
        self._waiting.extend(sorted(requests, key=lambda request: adapters.index(request.adapter)))

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up requests; the others go on."""
        gone = set(numbers)
        self._waiting = deque(request for request in self._waiting if request.number not in gone)
        for job in [job for job in self._jobs if job.request.number in gone]:
            job.work.close()
            self._leave(job)

    def step(self) -> list[Answer]:
        """Do one decode, if there is anything to do, and return the answers that it completed."""
        self._admit()
        packed = self._pack()
        if packed:
            if self._decode():
                self._deliver(packed)
            else:
                job = self._jobs[-1]
                job.work.close()
                self._fail(job.request, Cause.TOO_LONG, _NO_ROOM)
                self._leave(job)
        ready, self._ready = self._ready, []
        return ready

    def _fail(self, request: Request, cause: Cause, why: str) -> None:
        self._ready.append(Answer(request.number, failure=Failure(cause, why, is_lasting=True)))

    def _admit(self) -> None:
        """Begin requests while they fit into the next decode."""
        planned = sum(len(job.feed.tokens) - job.at for job in self._jobs)
        while (
            self._waiting and len(self._jobs) < self._settings.slots and (not planned or planned < self._settings.fill)
        ):
            request = self._waiting[0]
            if request.adapter != self._adapter and self._jobs:
                return
            try:
                self._wear(request.adapter)
                prompt = self._laid_out(request)
                node, known = self._known(prompt, request.adapter)
                if planned and planned + len(prompt.tokens) - node.end > self._room.batch:
                    return
                job = self._begin(request, prompt, node, prompt.pieces[known:])
            except TooLong as problem:
                self._fail(self._waiting.popleft(), Cause.TOO_LONG, str(problem))
                continue
            except (Unfit, MindError) as problem:
                self._fail(self._waiting.popleft(), Cause.REFUSED, str(problem))
                continue
            if job is None:
                if self._jobs:
                    return
                self._fail(self._waiting.popleft(), Cause.TOO_LONG, _NO_ROOM)
                continue
            self._waiting.popleft()
            self._jobs.append(job)
            planned += len(job.feed.tokens)

    def _wear(self, adapter: str) -> None:
        if adapter != self._adapter:
            self._context.wear(adapter, self._adapters.get(adapter))
            self._adapter = adapter

    def _laid_out(self, request: Request) -> Prompt:
        """Return the prompt of the first in the queue, worked out once."""
        if self._next is None or self._next[0] is not request:
            self._next = (request, lay_out(request, self._vocabulary, self._settings.context))
        return self._next[1]

    def _known(self, prompt: Prompt, adapter: str) -> tuple[Node, int]:
        """Return how much of a prompt's beginning the cache holds: the last node, and how many pieces."""
        node = self._tree.root(adapter)
        for count, (_, key) in enumerate(prompt.pieces):
            found = self._tree.child(node, key)
            if found is None:
                return node, count
            node = found
        return node, len(prompt.pieces)

    def _begin(self, request: Request, prompt: Prompt, node: Node, missing: Sequence[tuple[Share, Key]]) -> _Job | None:
        """Make room for a request and its shared beginning; None when there is none."""
        began = time.perf_counter()
        cached = node.end
        cells = len(prompt.tokens) - node.end + prompt.written + trie_cells(request, self._vocabulary)
        lock(node, 1)
        if not self._tree.make_room(cells, 1 + len(missing), self._room.cells, self._held):
            lock(node, -1)
            return None
        keep: tuple[Key, ...] = ()
        try:
            for share, key in missing:
                if share > Share.ROLE:
                    keep = (key,) if self._settings.keeps_people else ()
                    break
                node = self._grow(node, key)
                cells -= len(key)
            work = self._solver.solve(request, prompt, node.end)
            feed = next(work)
        except BaseException:
            lock(node, -1)
            raise
        sequence = self._sequences.take()
        if node.end:
            self._context.share(node.sequence, sequence, node.end)
        self._held += cells
        return _Job(request, prompt, work, feed, node, sequence, node.end, cells, cached, began, keep)

    def _grow(self, parent: Node, key: Key) -> Node:
        """Decode what many share into a sequence of its own."""
        node = self._tree.grow(parent, key, parent.sequence)
        node.users = 1
        at = parent.end
        for start in range(0, len(key), self._room.batch):
            self._batch.clear()
            self._batch.add(key[start : start + self._room.batch], at + start, node.sequence)
            if not self._decode():
                node.users = 0
                self._tree.drop(node)
                raise TooLong(_NO_ROOM)
        return node

    def _decode(self) -> bool:
        """Run the batch; when no cells are free, once more after all that nobody uses has gone."""
        self.batches += 1
        self.decoded += self._batch.size
        if self._context.decode(self._batch) == 0:
            return True
        self._tree.make_room(self._room.cells, 0, self._room.cells, self._held)
        return self._context.decode(self._batch) == 0

    def _pack(self) -> list[tuple[_Job, int]]:
        """Fill the batch: the shortest feeds first, long ones in pieces. Returns (job, how many outputs)."""
        self._batch.clear()
        packed: list[tuple[_Job, int]] = []
        outputs = self._room.outputs
        for job in sorted(self._jobs, key=lambda job: len(job.feed.tokens) - job.at):
            if not self._batch.room:
                break
            read = self._put(job, outputs)
            if read >= 0:
                packed.append((job, read))
                outputs -= read
        return packed

    def _put(self, job: _Job, outputs: int) -> int:
        """Put what fits of a job's feed into the batch; return how many outputs that are, -1 when nothing fits."""
        feed, begin = job.feed, job.at
        end = min(len(feed.tokens), begin + self._batch.room)
        due = [place for place in feed.outputs[len(job.read) :] if place < end]
        if len(due) > outputs:
            end, due = due[outputs], due[:outputs]
        if end <= begin or (feed.paths and not self._branch(job)):
            return -1
        if feed.paths:
            for place in range(begin, end):
                paths = [job.branches[path] for path in feed.paths[place]]
                at = self._batch.add_to_many(feed.tokens[place], job.length + feed.depths[place], paths)
            start = at - (end - begin) + 1
        else:
            start = self._batch.add(feed.tokens[begin:end], job.length, job.sequence)
            job.length += end - begin
        for place in due:
            self._batch.output[start + place - begin] = 1
        job.at = end
        return len(due)

    def _branch(self, job: _Job) -> bool:
        """Give each branch of a job's feed a sequence that begins as the job's; False when too few are free."""
        if job.branches:
            return True
        paths = sorted({path for paths in job.feed.paths for path in paths})
        if not self._tree.make_room(0, len(paths), self._room.cells, self._held):
            return False
        for path in paths:
            job.branches[path] = self._sequences.take()
            self._context.share(job.sequence, job.branches[path])
        return True

    def _deliver(self, packed: list[tuple[_Job, int]]) -> None:
        """Hand out the logits that were asked for, and let those go on whose feed is through."""
        total = sum(read for _, read in packed)
        rows = self._context.rows(total) if total else None
        at = 0
        for job, read in packed:
            for row in range(at, at + read):
                assert rows is not None
                wanted = job.feed.wanted[len(job.read)]
                job.read.append(rows[row] if wanted is None else rows[row, wanted])
            at += read
            if job.at == len(job.feed.tokens):
                self._advance(job)

    def _advance(self, job: _Job) -> None:
        for sequence in job.branches.values():
            self._context.drop(sequence)
            self._sequences.give(sequence)
        job.branches = {}
        read, job.read, job.at = job.read, [], 0
        try:
            job.feed = job.work.send(read)
        except StopIteration as end:
            self._ready.append(self._answer(job, end.value))
            self._leave(job)
        except Unfit as problem:
            self._fail(job.request, Cause.REFUSED, str(problem))
            self._leave(job)

    def _answer(self, job: _Job, solved: Solved) -> Answer:
        counts = Counts(len(job.prompt.tokens) + solved.prompt, job.cached, solved.generated)
        return Answer(
            job.request.number,
            solved.option,
            solved.probabilities,
            solved.words,
            solved.thought,
            counts,
            job.prompt.counts,
            job.prompt.dropped,
            (time.perf_counter() - job.began) * 1e3,
        )

    def _leave(self, job: _Job) -> None:
        """Free what a job held; a person's own beginning stays where that pays."""
        self._jobs.remove(job)
        self._held -= job.cells
        for key in job.keep:
            end = job.node.end + len(key)
            if (
                job.length >= end
                and key not in job.node.children
                and self._tree.make_room(len(key), 1, self._room.cells, self._held)
            ):
                self._tree.grow(job.node, key, job.sequence)
        lock(job.node, -1)
        for sequence in (job.sequence, *job.branches.values()):
            self._context.drop(sequence)
            self._sequences.give(sequence)
