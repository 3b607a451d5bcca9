"""Says what llama.cpp was built for; run by `sociarium doctor` as a process of its own."""

from __future__ import annotations

import argparse
import json


def command_llama_build(options: argparse.Namespace) -> int:
    """Print one JSON object: version, cpu, gpu."""
    try:
        from cognition.language.llama.about import about
    except ModuleNotFoundError as error:
        raise SystemExit(f"llama-cpp-python is not installed: {error}") from error
    except (OSError, RuntimeError) as error:
        raise SystemExit(f"the library does not load: {error}") from error
    print(json.dumps(about()))
    return 0
