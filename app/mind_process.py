"""A child process in which a language model works: `sociarium mind-child`, started by whoever hires the mind."""

from __future__ import annotations

import argparse


def command_mind_child(options: argparse.Namespace) -> int:
    """Answer requests that come in on the standard input until it closes."""
    from cognition.language.llama.child import main

    return main([])
