#!/bin/sh
# Makes .venv ready for `make run` and `make test`, and does nothing, in milliseconds, when it is ready.
#   sh packaging/set-up.sh         set up what is missing, stale or half made
#   sh packaging/set-up.sh lock    compile requirements.lock anew from pyproject.toml ([--upgrade] for newer versions)
#   sh packaging/set-up.sh llama   compile llama.cpp again ([CMAKE_ARGS=-D...] with these options from now on)
# Everything that is installed comes from requirements.lock and is checked against its hashes, uv itself included.
set -eu
cd "$(dirname "$0")/.."

# Debian and Ubuntu packages beyond Python's own venv package, each with the file that shows it is there: what Qt and
# OpenGL load, a screen in memory (Xvfb) for pictures and tests on machines that have none, and a C++ compiler for
# llama.cpp. Without them the engine and the command line still work, so a machine where they cannot be installed is
# only told.
wanted_packages="libglib2.0-0=libglib-2.0.so.0 libgl1=libGL.so.1 libegl1=libEGL.so.1 libxkbcommon0=libxkbcommon.so.0
libdbus-1-3=libdbus-1.so.3 libfontconfig1=libfontconfig.so.1 libxcb-cursor0=libxcb-cursor.so.0
libxcb-icccm4=libxcb-icccm.so.4 libxcb-keysyms1=libxcb-keysyms.so.1 libxcb-shape0=libxcb-shape.so.0
libxkbcommon-x11-0=libxkbcommon-x11.so.0 xvfb=Xvfb xauth=xauth xdotool=xdotool g++=c++"

here=$(pwd -P)
python_of_venv=.venv/bin/python
uv=.venv/bin/uv
stamp=.venv/set-up.stamp           # what the finished environment was made from, and where
unfinished=.venv/set-up.unfinished # "creating" or "installing" while that step runs, so that the next run can mend it
log=.venv/set-up.log
busy=.set-up-busy
is_supported='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'

. packaging/llama.sh

say() { printf 'set-up: %s\n' "$*"; }

stop() {
    printf 'set-up stopped: %s\n' "$*" >&2
    exit 1
}

wanted_stamp() {
    printf '%s %s\n' "$(cat requirements.lock pyproject.toml packaging/set-up.sh | cksum)" "$here"
}

is_installed() {
    [ -x "$python_of_venv" ] && [ ! -e "$unfinished" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted_stamp)" ]
}

locked() { awk -v name="$1" '/^[^ ]/ { wanted = index($0, name "==") == 1 } wanted' requirements.lock; }

is_ready() { is_installed && llama_is_settled; }

# Two makes at once in a fresh clone: the second waits for the first.
take_turn() {
    [ "$(cat "$busy/pid" 2>/dev/null || :)" != "$$" ] || return 0 # it is ours already
    waiting=
    until mkdir "$busy" 2>/dev/null; do
        [ -w . ] || stop "this folder cannot be written to: $here"
        sleep 1
        owner=$(cat "$busy/pid" 2>/dev/null || :)
        if [ -z "$owner" ] || ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$busy"
        elif [ -z "$waiting" ]; then
            waiting=yes
            say "waiting for another make in this folder (process $owner)"
        fi
    done
    echo "$$" >"$busy/pid"
    trap 'rm -rf "$busy"' EXIT
    trap 'exit 130' HUP INT TERM
}

sudo_word() { [ "$(id -u)" -eq 0 ] || printf 'sudo '; }

on_debian() { command -v dpkg-query >/dev/null 2>&1; } # other systems have other names for them

# Installs packages as root or by a sudo that asks nothing; else, or when that fails, puts the reason into $refusal.
install_packages() {
    by_hand="$(sudo_word)apt-get update && $(sudo_word)apt-get install -y$1"
    refusal=
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        refusal="system packages are missing; type: $by_hand"
        return 0
    fi
    say "system packages:$1"
    apt_log=$(mktemp)
    # shellcheck disable=SC2086  # both variables are lists of words
    { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $1; } >"$apt_log" 2>&1 ||
        refusal="apt-get could not install$1 (its messages: $apt_log); type: $by_hand"
    [ -n "$refusal" ] || rm -f "$apt_log"
}

install_wanted_packages() {
    on_debian || return 0
    libraries=$(/sbin/ldconfig -p 2>/dev/null || :)
    missing=
    for wanted in $wanted_packages; do
        case $libraries in *"${wanted#*=} "*) continue ;; esac
        command -v "${wanted#*=}" >/dev/null 2>&1 || missing="$missing ${wanted%%=*}"
    done
    [ -n "$missing" ] || return 0
    install_packages "$missing"
    [ -z "$refusal" ] || say "for the window, tests without a screen, and minds by language model: $refusal"
}

# Not every release carries a Python that fits; uv brings one of its own.
how_to_get_python() {
    release=$(. /etc/os-release 2>/dev/null && printf '%s-%s' "${ID:-}" "${VERSION_ID:-}") || release=
    case $release in
    debian-12 | ubuntu-22.04) echo "$(sudo_word)apt-get update && $(sudo_word)apt-get install -y python3.11 python3.11-venv" ;;
    ubuntu-24.*) echo "$(sudo_word)apt-get update && $(sudo_word)apt-get install -y python3.12 python3.12-venv" ;;
    debian-* | ubuntu-*) echo "$(sudo_word)apt-get update && $(sudo_word)apt-get install -y pipx && pipx run uv python install 3.12" ;;
    *) echo "make run PYTHON=/path/to/python3.11, after installing it" ;;
    esac
}

find_python() {
    python='' lacks_venv=''
    for candidate in ${PYTHON:-python3.11 python3.12 python3 python ${HOME:-}/.local/bin/python3.11 ${HOME:-}/.local/bin/python3.12}; do
        "$candidate" -c "$is_supported" >/dev/null 2>&1 || continue
        # The interpreter behind a virtual environment or a version manager's stand-in: those may be gone tomorrow.
        candidate=$("$candidate" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            python=$candidate
            return
        fi
        lacks_venv=${lacks_venv:-$candidate}
    done
    if [ -z "$lacks_venv" ]; then
        [ -z "${PYTHON:-}" ] || stop "PYTHON=$PYTHON is not Python 3.11 or 3.12; name one that is"
        stop "Python 3.11 or 3.12 is needed and none is in PATH; type: $(how_to_get_python)"
    fi
    if on_debian; then
        install_packages " $("$lacks_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        [ -z "$refusal" ] || stop "$refusal"
    fi
    "$lacks_venv" -c 'import ensurepip, venv' >/dev/null 2>&1 || stop "$lacks_venv has no venv module; try another with: make run PYTHON=/path/to/python3.11"
    python=$lacks_venv
}

create_environment() {
    find_python
    say "virtual environment .venv from $("$python" --version) ($python)"
    rm -rf .venv
    mkdir .venv
    echo creating >"$unfinished"
    "$python" -m venv .venv >"$log" 2>&1 || stop "$python -m venv failed: $(tail -n 1 "$log")"
    rm -f "$unfinished"
}

speaks_of_network() {
    grep -q -i -E 'dns error|name resolution|resolve host|tcp connect|failed to connect|connection refused|connection reset|NewConnectionError|network is unreachable|no route to host|timed out|tunnel|client error \(connect\)'
}

# Says in one line why the step failed, from its log.
explain_failure() {
    if speaks_of_network <"$log"; then
        [ -n "$mend" ] || rm -f "$unfinished" # nothing was touched: uv downloads before it installs
        stop "the package index cannot be reached: check the network (or HTTPS_PROXY, or PIP_INDEX_URL for a mirror), then type make again"
    fi
    reason=$(grep -i -E 'error|cause|no space' "$log" | tail -n 1 | tr -s ' ')
    stop "$1 failed: ${reason:-see the log} (whole log: $log)"
}

# The user's pip settings also hold for uv, which does not read them by itself.
pip_setting() {
    "$python_of_venv" -m pip config list 2>/dev/null | sed -n "s/^[a-z:]*\.$1='\(.*\)'\$/\1/p" | sed -n '1{s/\\n/ /g;p;}'
}

pip_is_followed=
follow_pip_settings() {
    [ -z "$pip_is_followed" ] || return 0
    pip_is_followed=yes
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ]; then
        index=$(pip_setting index-url)
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
        extra=$(pip_setting extra-index-url)
        # As pip does it: all indexes are equal. The hashes of the lock keep strangers out.
        [ -z "$extra" ] || export UV_INDEX="$extra" UV_INDEX_STRATEGY=unsafe-best-match
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        certificates=$(pip_setting cert)
        [ -z "$certificates" ] || export SSL_CERT_FILE="$certificates"
    fi
    [ -w "${HOME:-/nonexistent}" ] || export UV_CACHE_DIR="$here/.venv/cache"
    export UV_PYTHON_DOWNLOADS=never
}

# Runs uv with its progress on screen and everything in the log.
run_uv() {
    : >"$log"
    rm -f "$log.failed"
    { "$uv" "$@" 2>&1 || : >"$log.failed"; } | while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case $line in
        Downloading* | ' Downloaded'* | Resolved* | Prepared* | Installed* | Uninstalled* | Bytecode*)
            printf '        %s\n' "$line" ;;
        esac
    done
    [ ! -e "$log.failed" ]
}

locked_version() { locked "$1" | sed -n '1s/.*==\([^ ]*\).*/\1/p'; }

bootstrap_uv() {
    version=$(locked_version uv)
    case $("$uv" --version 2>/dev/null || :) in "uv $version" | "uv $version "*) return 0 ;; esac
    "$python_of_venv" -m pip --version >/dev/null 2>&1 || create_environment
    say "uv $version"
    locked uv >.venv/uv.lock
    "$python_of_venv" -m pip install --quiet --disable-pip-version-check --no-input --retries 2 --force-reinstall \
        --no-deps --require-hashes --requirement .venv/uv.lock >"$log" 2>&1 || explain_failure "installing uv"
}

install_everything() {
    say "packages of requirements.lock"
    awk '/^[^ ]/ { wanted = !/^llama-cpp-python==/ } wanted' requirements.lock >.venv/packages.lock
    # --no-deps: the lock is complete, and mesa-frames declares limits that it does not need (tool.uv in pyproject.toml).
    # shellcheck disable=SC2086  # $mend is one option or none
    run_uv pip install --python "$python_of_venv" $mend --require-hashes --no-deps --compile-bytecode \
        --requirement .venv/packages.lock || explain_failure "installing the packages"
    say "sociarium itself"
    run_uv pip install --python "$python_of_venv" --reinstall --offline --no-deps --no-build-isolation \
        --editable . || explain_failure "installing sociarium"
}

set_up() {
    llama_args=${CMAKE_ARGS-$(cat "$llama_kept_args" 2>/dev/null || :)}
    is_ready && return
    take_turn
    is_ready && return
    install_wanted_packages
    is_installed || set_up_packages
    llama_is_settled || set_up_llama
    say "ready"
}

set_up_packages() {
    mend=
    before=$(cat "$unfinished" 2>/dev/null || :)
    was_at=$(sed 's/^[0-9]* [0-9]* //' "$stamp" 2>/dev/null || :)
    if [ "$before" = creating ] || [ "${was_at:-$here}" != "$here" ] ||
        ! "$python_of_venv" -c "$is_supported" >/dev/null 2>&1; then
        create_environment
        before=
    fi
    if [ "$before" = installing ]; then
        say "the last set-up was interrupted: installing again"
        mend=--reinstall
        rm -f "$uv"
    fi
    bootstrap_uv
    echo installing >"$unfinished"
    follow_pip_settings
    install_everything
    wanted_stamp >"$stamp"
    rm -f "$unfinished"
}

lock() {
    set_up
    follow_pip_settings
    unset UV_INDEX UV_EXTRA_INDEX_URL # one that has a package for this machine only would hide the hashes of all others
    # One version for Python 3.11 and 3.12 (fork-strategy fewest), and no host of a registry in the file.
    "$uv" pip compile pyproject.toml --extra desktop --extra llm --extra frames --extra bench --extra dev --universal \
        --python-version 3.11 --fork-strategy fewest --no-emit-index-url --generate-hashes --custom-compile-command 'make lock' --quiet \
        --output-file requirements.lock "$@"
    set_up
}

case ${1:-} in
'') set_up ;;
lock)
    shift
    lock "$@"
    ;;
llama)
    rm -f "$llama_state"
    if [ -x "$uv" ]; then
        follow_pip_settings
        "$uv" cache clean --quiet llama-cpp-python
    fi
    set_up
    ;;
*) stop "unknown word '$1'; usage: sh packaging/set-up.sh [lock [--upgrade] | llama]" ;;
esac
