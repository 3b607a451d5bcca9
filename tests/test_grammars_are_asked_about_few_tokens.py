"""A grammar that is asked about the likeliest tokens alone has the same token drawn as one asked about all."""

from __future__ import annotations

import json
import subprocess
import sys

from app.mind_files import BUNDLED

# llama.cpp stays out of the tests' own process.
COMPARE = """
import json, sys
from pathlib import Path
import numpy as np
from cognition.language.llama.library import NativeLog
from cognition.language.llama.loading import Options, load
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.llama.writing import Grammar, Grammars, Writer

loaded = load(Options(Path(sys.argv[1]), 1), NativeLog())
vocabulary = Vocabulary(loaded.model)
grammars = Grammars(vocabulary, loaded.model.vocabulary)
narrowed, asked = Grammar.narrowed, []

def counted(self, tokens, logits):
    asked.append(len(tokens))
    return narrowed(self, tokens, logits)

Grammar.narrowed = counted
few = same = 0
chance = np.random.default_rng(1)
for text in ('root ::= [a-m ]+', 'root ::= "yes" | "no"', 'root ::= "{" [0-9]+ "}"'):
    for temperature in (0.0, 0.7, 1.5):
        writer = Writer(vocabulary, grammars, temperature)
        for spread in (0.5, 3.0, 10.0):
            for _ in range(40):
                row = chance.normal(0, spread, vocabulary.size).astype(np.float32)
                row[vocabulary.banned] = -np.inf
                row[chance.integers(0, vocabulary.size, 9)] = row.max()  # ties
                grammar, draw = grammars.begin(text), float(chance.random())
                asked.clear()
                quick = writer._sample(writer._narrowed(row, grammar), draw)
                few += max(asked) < vocabulary.size
                whole = writer._sample(narrowed(grammar, np.arange(vocabulary.size), row), draw)
                same += quick == whole
                grammar.close()
print(json.dumps([few, same]))
"""


def test_few_tokens_are_enough_and_change_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPARE, str(BUNDLED / "ember.gguf")], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    few, same = json.loads(done.stdout)
    assert same == 3 * 3 * 3 * 40
    assert few > same / 10, "the likeliest tokens were seldom enough"
