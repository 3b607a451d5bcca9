# Plain make and a POSIX shell. Each target sets up what it needs first; PYTHON=... chooses the interpreter.
.POSIX:
.PHONY: help run test soak format lock llama set-up

help:
	@echo 'make run      set up, then open the settlement'
	@echo 'make test     set up, then every check and test'
	@echo 'make soak     the long form of the tests that have one'
	@echo 'make format   let ruff lay out the code'
	@echo 'make lock     compile requirements.lock from pyproject.toml (UPGRADE=--upgrade for newer versions)'
	@echo 'make llama    compile llama.cpp again; CMAKE_ARGS=-DGGML_CUDA=on make llama: for a graphics card of NVIDIA'

set-up:
	@PYTHON='$(PYTHON)' sh packaging/set-up.sh

run: set-up
	@.venv/bin/sociarium open settlement

test: set-up
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	sh packaging/with-screen.sh .venv/bin/pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile

soak: set-up
	SOCIARIUM_SOAK=1 sh packaging/with-screen.sh .venv/bin/pytest -m soak -o faulthandler_timeout=3600

format: set-up
	.venv/bin/ruff check --fix --select I .
	.venv/bin/ruff format .

lock:
	@PYTHON='$(PYTHON)' sh packaging/set-up.sh lock $(UPGRADE)

llama:
	@PYTHON='$(PYTHON)' sh packaging/set-up.sh llama
