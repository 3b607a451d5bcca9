# llama.cpp, on which minds by language model run, is compiled on this machine: a part of set-up.sh, which reads it.
# Where it cannot be built, all else works: that is said in a line, and the next make tries again if something changed.

llama_log=.venv/llama.log
llama_state=.venv/llama.state          # "built" or "without", and what it was built, or could not be built, from
llama_kept_args=.venv/llama.cmake-args # CMAKE_ARGS of the llama.cpp that is there, so that a plain make leaves it there

# What a compiler may use of this processor. Kernels add other flags to the list, which must not cost a build.
cpu_features() {
    if [ -r /proc/cpuinfo ]; then
        awk '/^Features/ { print; exit }
            /^flags/ { for (i = 3; i <= NF; i++) if ($i ~ /^(sse|ssse|avx|fma|f16c|bmi|abm|amx|apx|popcnt|movbe|xop|tbm)/) print $i; exit }
        ' /proc/cpuinfo
    else
        sysctl -n machdep.cpu.brand_string machdep.cpu.features machdep.cpu.leaf7_features 2>/dev/null || :
    fi
}

# What a build of llama.cpp is good for. It names the wheel in uv's cache too: one that was built for another processor
# would end the process with an illegal instruction.
llama_key() {
    { locked llama-cpp-python; cat packaging/llama.cmake; printf '%s\n' "$llama_args"; cpu_features
        getconf GNU_LIBC_VERSION 2>/dev/null || :; } | cksum | tr ' ' -
}

# The compiler in a line that changes when another one comes; nothing if there is none.
compiler() {
    for candidate in ${CXX:-c++ g++ clang++}; do
        found=$(command -v "$candidate") || continue
        case $(uname -s 2>/dev/null) in Darwin) xcode-select -p >/dev/null 2>&1 || return 0 ;; esac # else a mere stand-in
        printf '%s %s\n' "$found" "$("$found" --version 2>/dev/null | sed 1q)"
        return
    done
}

llama_is_settled() {
    case $(cat "$llama_state" 2>/dev/null || :) in
    "built $(llama_key)") ;;
    "without $(llama_key) $(compiler)") ;; # nothing has come since that would let it be built
    *) return 1 ;;
    esac
}

how_to_get_compiler() {
    if on_debian; then
        echo "$(sudo_word)apt-get update && $(sudo_word)apt-get install -y g++"
    elif command -v xcode-select >/dev/null 2>&1; then
        echo "xcode-select --install"
    else
        echo "your system's command that installs g++ or clang"
    fi
}

# Runs uv with everything in the log; on screen how far the compiler is.
run_build() {
    : >"$llama_log"
    rm -f "$llama_log.failed"
    { "$uv" "$@" 2>&1 || : >"$llama_log.failed"; } | {
        tenths=0
        while IFS= read -r line; do
            printf '%s\n' "$line" >>"$llama_log"
            case $line in
            'DEBUG ['[0-9]*/[0-9]*']'*)
                step=${line#DEBUG [} && step=${step%%]*}
                [ "$tenths" -eq $((10 * ${step%/*} / ${step#*/})) ] || {
                    tenths=$((10 * ${step%/*} / ${step#*/}))
                    printf '        compiled %s0 %%\n' "$tenths"
                } ;;
            *'Building llama-cpp-python'*) say "compiling llama.cpp for this processor, once: two cores take 2 to 3 minutes" ;;
            Downloading* | ' Downloaded'*) printf '        %s\n' "$line" ;;
            esac
        done
    }
    [ ! -e "$llama_log.failed" ]
}

build_began() { grep -q 'Building llama-cpp-python' "$llama_log"; }

# Native speed, and of llama.cpp only what the Python package loads. What the user says comes last and wins.
build_llama() {
    locked llama-cpp-python >.venv/llama.lock
    quoted=$(printf '%s' "$here" | sed "s/'/'\\\\''/g")
    export CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF '-DCMAKE_PROJECT_INCLUDE=$quoted/packaging/llama.cmake' $llama_args"
    # Offline first: uv builds again what it built before when a registry does not say how long its files are good for.
    for network in --offline --no-offline; do
        run_build pip install --python "$python_of_venv" --verbose --require-hashes --no-deps --no-build-isolation \
            --compile-bytecode --config-settings "cmake.define.SOCIARIUM_KEY=$(llama_key)" \
            --config-settings 'wheel.exclude=include/**;lib/**' --requirement .venv/llama.lock "$network" && return
        ! build_began || return 1
    done
    return 1
}

# Why there is no llama.cpp, from the log of its build.
why_not_built() {
    if grep -q -i -E 'killed signal|cannot allocate memory|out of memory' "$llama_log"; then
        echo "memory ran out; type: CMAKE_BUILD_PARALLEL_LEVEL=1 make llama"
    elif grep -q -i 'no space left' "$llama_log"; then
        echo "the disk is full; make room, then type: make llama"
    else
        # The first error of a compiler, or what CMake says in the lines after its own.
        reason=$(awk '{ sub(/^(DEBUG)? */, "") } lines && NF { printf "%s ", $0; if (!--lines) exit }
            /fatal error:|(^|[^-])error:/ { print; exit } /^CMake Error/ { lines = 3 }' "$llama_log" | cut -c 1-200)
        echo "${reason:-it ended without a reason}; after mending that, type: make llama"
    fi
}

set_up_llama() {
    packages=$("$python_of_venv" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
    rm -rf "$llama_state" "$packages/llama_cpp" "$packages"/llama_cpp_python-*.dist-info
    without="so there is no llama.cpp, and no mind by language model; all else works"
    if [ -z "$(compiler)" ]; then
        say "there is no C++ compiler, $without. To have it: $(how_to_get_compiler), then make"
    elif ! { follow_pip_settings && build_llama; }; then
        if ! build_began && grep -v '^DEBUG' "$llama_log" | speaks_of_network; then
            say "llama-cpp-python cannot be fetched, $without. Check the network, then type make again"
            return # not settled: the next make tries again
        fi
        say "llama.cpp cannot be compiled, $without. $(why_not_built) (whole log: $llama_log)"
    elif ! "$python_of_venv" -c 'import llama_cpp' >>"$llama_log" 2>&1; then
        say "llama.cpp does not load, $without. $(tail -n 1 "$llama_log"); to compile it again, type: make llama"
    else
        printf '%s\n' "$llama_args" >"$llama_kept_args"
        printf 'built %s\n' "$(llama_key)" >"$llama_state"
        return
    fi
    printf 'without %s %s\n' "$(llama_key)" "$(compiler)" >"$llama_state"
}
