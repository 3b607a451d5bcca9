"""llama.cpp through llama-cpp-python's ctypes: a model, its context, its batch. Loaded in child processes alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from cognition.language.llama.device import free_memory, layers_that_fit
from engine.errors import MindError

Float32s = NDArray[np.float32]
_ERROR_LEVEL = 4
_MOST_META, _LONGEST_META = 4096, 1 << 20
MOST_SEQUENCES = 256
_FILE_TYPE = "LLAMA_FTYPE_"
_FILE_TYPES = tuple(name for name in dir(native) if name.startswith(_FILE_TYPE))


class NativeLog:
    """Keeps the last error that llama.cpp logged; nothing of its log is printed."""

    def __init__(self) -> None:
        self.error = ""
        # ctypes does not keep a callback alive: this object has to outlive the library's use of it.
        self._callback = native.llama_log_callback(self._take)
        native.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        if level == _ERROR_LEVEL and line:
            self.error = line[:500]


@dataclass(frozen=True, slots=True)
class Room:
    """How much a context holds.

    cells: tokens that its KV cache has room for; batch: the most tokens of one decode; outputs: the most of them whose
    logits are wanted; sequences: the most that live beside each other.
    """

    cells: int
    batch: int
    outputs: int
    sequences: int
    threads: int


class Model:
    """The weights of a GGUF file. layers: how many go to a GPU, -1 for as many as fit.

    Raises MindError that names the file when llama.cpp cannot read it.
    """

    def __init__(self, path: Path, log: NativeLog, layers: int = -1) -> None:
        native.llama_backend_init()
        self.path = path
        if layers < 0:
            layers = 0
            if native.llama_supports_gpu_offload():
                layers = layers_that_fit(path.stat().st_size, _layers_of(path))
        self.gpu = layers > 0
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = layers
        parameters.check_tensors = True
        log.error = ""
        found = native.llama_model_load_from_file(str(path).encode(), parameters)
        if not found:
            why = log.error or "llama.cpp gives no reason"
            raise MindError(
                f"{path}: not a model that llama.cpp can load ({why}); fetch the file again, or use another"
            )
        self.pointer = found
        self.vocabulary = native.llama_model_get_vocab(found)
        self.meta = self._read_meta()

    @property
    def parameters(self) -> int:
        """How many parameters the model has."""
        return int(native.llama_model_n_params(self.pointer))

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return int(native.llama_model_size(self.pointer))

    @property
    def free_memory(self) -> int:
        """Bytes that are still free on the GPUs."""
        return free_memory()

    @property
    def trained_context(self) -> int:
        """The longest context that it was trained for, in tokens."""
        return int(native.llama_model_n_ctx_train(self.pointer))

    @property
    def cell_bytes(self) -> int:
        """Bytes of one token in the KV cache, in 16-bit floats."""
        heads = max(1, native.llama_model_n_head(self.pointer))
        width = native.llama_model_n_embd(self.pointer) // heads
        length = int(self.meta.get(f"{self.meta.get('general.architecture', '')}.attention.key_length", width) or width)
        heads_kept = native.llama_model_n_head_kv(self.pointer)
        return int(4 * native.llama_model_n_layer(self.pointer) * heads_kept * length)

    @property
    def quantisation(self) -> str:
        """How most of its weights are stored, such as "Q4_K_M"; "" where the file does not say."""
        said = self.meta.get("general.file_type", "")
        for name in _FILE_TYPES if said.isdigit() else ():
            if getattr(native, name) == int(said):
                return name.removeprefix(_FILE_TYPE).removeprefix("ALL_").removeprefix("MOSTLY_")
        return ""

    @property
    def unusable(self) -> str:
        """Why this kind of model cannot serve as a mind, "" when it can."""
        if native.llama_model_has_encoder(self.pointer) or not native.llama_model_has_decoder(self.pointer):
            return "it is no text generator (it has an encoder)"
        if native.llama_model_is_recurrent(self.pointer) or native.llama_model_is_hybrid(self.pointer):
            return "recurrent models cannot share the beginning of a prompt"
        if native.llama_model_is_diffusion(self.pointer):
            return "diffusion models do not write from left to right"
        return ""

    def _read_meta(self) -> dict[str, str]:
        found: dict[str, str] = {}
        buffer = ctypes.create_string_buffer(_LONGEST_META)
        size = len(buffer)
        for i in range(min(_MOST_META, native.llama_model_meta_count(self.pointer))):
            if native.llama_model_meta_key_by_index(self.pointer, i, buffer, 512) < 0:
                continue
            key = buffer.value.decode("utf-8", "replace")
            if native.llama_model_meta_val_str_by_index(self.pointer, i, buffer, size) >= 0:
                found[key] = buffer.value.decode("utf-8", "replace")
        return found

    def close(self) -> None:
        """Give its memory back."""
        native.llama_model_free(self.pointer)


def _layers_of(path: Path) -> int:
    """Return how many layers a file says that it has, 0 when it cannot be read."""
    parameters = native.llama_model_default_params()
    parameters.vocab_only = True
    found = native.llama_model_load_from_file(str(path).encode(), parameters)
    if not found:
        return 0
    kind, count = (ctypes.create_string_buffer(256) for _ in range(2))
    native.llama_model_meta_val_str(found, b"general.architecture", kind, 256)
    native.llama_model_meta_val_str(found, kind.value + b".block_count", count, 256)
    native.llama_model_free(found)
    return int(count.value) if count.value.isdigit() else 0


class Batch:
    """What one decode takes: a `llama_batch` whose arrays are numpy memory."""

    def __init__(self, capacity: int, most_paths: int) -> None:
        self.capacity = capacity
        self.size = 0
        self.token = np.zeros(capacity, np.int32)
        self.position = np.zeros(capacity, np.int32)
        self.output = np.zeros(capacity, np.int8)
        self._sequences = np.ones(capacity, np.int32)
        # Most tokens belong to one sequence; those of a trie to all that pass through them, so there is room to spare.
        self._sequence = np.zeros(capacity + most_paths, np.int32)
        self._most = self._sequence.size
        self._used = 0
        self._pointers = np.zeros(capacity + 1, np.uint64)
        self._base = self._sequence.ctypes.data
        structure: Any = native.llama_batch()
        structure.token = ctypes.cast(self.token.ctypes.data, ctypes.POINTER(ctypes.c_int32))
        structure.pos = ctypes.cast(self.position.ctypes.data, ctypes.POINTER(ctypes.c_int32))
        structure.n_seq_id = ctypes.cast(self._sequences.ctypes.data, ctypes.POINTER(ctypes.c_int32))
        structure.logits = ctypes.cast(self.output.ctypes.data, ctypes.POINTER(ctypes.c_int8))
        structure.seq_id = ctypes.cast(self._pointers.ctypes.data, ctypes.POINTER(ctypes.POINTER(ctypes.c_int32)))
        self.structure = structure

    @property
    def room(self) -> int:
        """How many more tokens fit."""
        return self.capacity - self.size

    @property
    def path_room(self) -> int:
        """How many more (token, sequence) pairs fit."""
        return self._most - self._used

    def clear(self) -> None:
        """Take everything out."""
        self.size = self._used = 0

    def add(self, tokens: Sequence[int], position: int, sequence: int) -> int:
        """Put tokens at the end of one sequence, from a position on; return the place of the first in this batch."""
        start, count = self.size, len(tokens)
        end, used = start + count, self._used
        self.token[start:end] = tokens
        self.position[start:end] = np.arange(position, position + count)
        self.output[start:end] = 0
        self._sequences[start:end] = 1
        self._sequence[used : used + count] = sequence
        self._pointers[start:end] = self._base + 4 * np.arange(used, used + count)
        self.size, self._used = end, used + count
        return start

    def add_to_many(self, token: int, position: int, sequences: Sequence[int]) -> int:
        """Put one token at the end of many sequences at once; return its place."""
        place, used, count = self.size, self._used, len(sequences)
        self.token[place], self.position[place], self.output[place] = token, position, 0
        self._sequences[place] = count
        self._sequence[used : used + count] = sequences
        self._pointers[place] = self._base + 4 * used
        self.size, self._used = place + 1, used + count
        return place


class Context:
    """The state of decoding with one model: a KV cache unified for all sequences. Raises MindError without memory."""

    def __init__(self, model: Model, room: Room) -> None:
        parameters = native.llama_context_default_params()
        parameters.n_ctx = room.cells
        parameters.n_batch = parameters.n_ubatch = room.batch
        parameters.n_outputs_max = room.outputs
        parameters.n_seq_max = room.sequences
        parameters.n_threads = parameters.n_threads_batch = room.threads
        parameters.kv_unified = True
        parameters.no_perf = True
        found = native.llama_init_from_model(model.pointer, parameters)
        if not found:
            raise MindError(f"{model.path}: no memory for a context of {room.cells} tokens; use fewer children")
        self.pointer = found
        self._memory = native.llama_get_memory(found)
        self._width = int(native.llama_vocab_n_tokens(model.vocabulary))
        self._adapters: dict[str, native.llama_adapter_lora_p] = {}
        self._model = model

    def decode(self, batch: Batch) -> int:
        """Run the model over a batch: 0 when done, 1 when no cells are free. Raises MindError when the model fails."""
        batch.structure.n_tokens = batch.size
        said = int(native.llama_decode(self.pointer, batch.structure))
        if said not in (0, 1):
            raise MindError(f"{self._model.path}: llama.cpp could not decode ({said}); use another model")
        return said

    def rows(self, count: int) -> Float32s:
        """Return the logits of the batch's outputs in order: a view (count, vocabulary) until the next decode."""
        found = native.llama_get_logits(self.pointer)
        return np.ctypeslib.as_array(found, (count, self._width))

    def share(self, source: int, target: int, end: int = -1) -> None:
        """Let a sequence hold the first `end` tokens of another too; costs no cells."""
        native.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def drop(self, sequence: int) -> None:
        """Empty a sequence; cells that no other holds are free again."""
        native.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """Empty all sequences."""
        native.llama_memory_clear(self._memory, False)

    def wear(self, name: str, path: Path | None) -> None:
        """Put an adapter on, from a file when it is met for the first time; "" takes all off. Raises MindError."""
        if not name:
            native.llama_set_adapters_lora(self.pointer, None, 0, None)
            return
        whose = f"{path or name}: not an adapter for {self._model.path.name}; use one made for this model"
        if name not in self._adapters:
            found = None if path is None else native.llama_adapter_lora_init(self._model.pointer, str(path).encode())
            if not found:
                raise MindError(whose)
            self._adapters[name] = found
        one: Any = (native.llama_adapter_lora_p_ctypes * 1)()
        one[0] = self._adapters[name]
        scale = (ctypes.c_float * 1)(1.0)
        if native.llama_set_adapters_lora(self.pointer, one, 1, scale) != 0:
            raise MindError(whose)

    def watch(self, beat: Callable[[], None]) -> None:
        """Call `beat()` again and again while a decode runs, as a sign that it goes on."""

        def go_on(_: object) -> bool:
            beat()
            return False

        self._beat = native.ggml_abort_callback(go_on)
        native.llama_set_abort_callback(self.pointer, self._beat, ctypes.c_void_p(0))

    def close(self) -> None:
        """Give its memory back."""
        native.llama_free(self.pointer)
