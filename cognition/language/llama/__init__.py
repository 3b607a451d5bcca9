"""llama.cpp behind the `LanguageModel` protocol: `pool` in the host, all else in its child processes.

The host imports `pool` alone, which never loads llama.cpp; a model file that crashes the parser takes a child with it.
"""
