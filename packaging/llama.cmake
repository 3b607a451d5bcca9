# Read by CMake when it builds llama-cpp-python for us (CMAKE_PROJECT_INCLUDE in llama.sh).
# llama.cpp's command line library is a third of the build, and the Python package never loads it. Its CMakeLists.txt
# forces this option's cache entry on; a plain variable hides that. Where it would not, the build only takes longer.
set(LLAMA_BUILD_COMMON OFF)

# Virtual machines exist that tell of AMX and do not keep its tiles: the first matrix ends the process with an illegal
# instruction. Nothing tells that beforehand, so nothing is built for AMX.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT MSVC)
    include(CheckCXXCompilerFlag)
    enable_language(CXX)
    foreach(part tile int8 bf16)
        check_cxx_compiler_flag(-mno-amx-${part} HAS_NO_AMX_${part})
        if(HAS_NO_AMX_${part})
            add_compile_options(-mno-amx-${part})
        endif()
    endforeach()
endif()
