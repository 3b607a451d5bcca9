"""What a mind is taught with is cut into the tokens that llama.cpp cuts when it serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gguf
import pytest

from cognition.training.tokens import SPECIAL, Tokens, add_vocabulary, train_tokens

TAUGHT = [
    "It is 07:20. You are at Market, beside Ana Orsini and 3 more; you rest.",
    "\nYou want good company badly, rest a little.\nYou can:\n",
    "- go to Market: good company wanted badly, at little effort\n",
    "- go to Field 12: food wanted badly, at some effort\n",
    "- talk with Zoë Müller, your friend, about the price of grain: company wanted, at little effort\n",
    '\nYou say to {you}, a stranger, about {it}: "{you}, my dear, my store of {it} is low"',
] * 40
UNSEEN = [
    "It is 23:59. You are in the open; you go to Field 7.",
    "- go  to Field 345a: food wanted badly, at little effort\n\n",
    "François søgte 42 kr. i Ålborg, 東京 and \t elsewhere ☃",
    "<s> </s> <mark> <unk> are words of people",
    "  two  spaces, and\x01 a byte",
    " ",
    "Zoë Zoë",
]
# llama.cpp stays out of the tests' own process.
CUT = """
import json, sys
from llama_cpp import Llama
model = Llama(sys.argv[1], vocab_only=True, verbose=False)
texts = json.load(sys.stdin)
cut = [model.tokenize(text.encode(), add_bos=False, special=False) for text in texts]
print(json.dumps([cut, [model.detokenize(tokens).decode() for tokens in cut]]))
"""


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    train_tokens(TAUGHT, path, words=330, vocabulary=420)
    return path


def test_llama_cpp_cuts_what_is_taught_and_what_is_not_alike(tokenizer: Path, tmp_path: Path) -> None:
    file = tmp_path / "vocabulary.gguf"
    writer = gguf.GGUFWriter(str(file), "llama")
    add_vocabulary(writer, tokenizer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    texts = list(dict.fromkeys(TAUGHT)) + UNSEEN
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(file)], input=json.dumps(texts), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]
    cut, said = json.loads(done.stdout)
    tokens = Tokens(tokenizer)
    assert cut == [tokens.of(text) for text in texts]
    assert said == texts


def test_pieces_span_words_but_no_numbers_and_no_special_token_is_in_a_text(tokenizer: Path) -> None:
    tokens = Tokens(tokenizer)
    names = list(json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"])
    assert tuple(names[: len(SPECIAL)]) == SPECIAL
    assert len(tokens.of(", at little effort\n")) < 4
    assert not any(set(name) & set("0123456789") and not name.isdigit() for name in names)
    assert min(tokens.of("<s> </s> <mark> <unk>")) >= len(SPECIAL)
