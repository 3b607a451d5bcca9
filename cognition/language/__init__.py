"""Language models: one small protocol, llama.cpp and endpoints behind it, and wrappers of one concern each."""
