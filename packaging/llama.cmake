# Read by CMake when it builds llama-cpp-python for us (CMAKE_PROJECT_INCLUDE in llama.sh).
# llama.cpp's command line library is a third of the build, and the Python package never loads it. Its CMakeLists.txt
# forces this option's cache entry on; a plain variable hides that. Where it would not, the build only takes longer.
set(LLAMA_BUILD_COMMON OFF)
