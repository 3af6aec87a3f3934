# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A CMake project: configured, built, installed; what is built again after a change is what must be, and nothing else.
mkdir -p project/src
cd project
cat > CMakeLists.txt <<'TEXT'
cmake_minimum_required(VERSION 3.16)
project(many LANGUAGES C)
file(GLOB SOURCES src/part*.c)
add_library(many STATIC ${SOURCES})
add_library(shared SHARED src/part1.c)
add_custom_command(OUTPUT generated.h COMMAND generate > generated.h DEPENDS generate)
add_executable(generate src/generate.c)
add_executable(main src/main.c ${CMAKE_CURRENT_BINARY_DIR}/generated.h)
target_include_directories(main PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(main many)
enable_testing()
add_test(NAME runs COMMAND main)
install(TARGETS main many shared)
TEXT
for i in {1..12}; do
  printf '#include "part.h"\n#include <stdio.h>\nint part%d(void) { return SCALE * %d; }\n' "$i" "$i" > "src/part$i.c"
done
{ echo '#define SCALE 2'; for i in {1..12}; do echo "int part$i(void);"; done; } > src/part.h
printf '#include <stdio.h>\nint main(void) { return puts("#define GENERATED 42") < 0; }\n' > src/generate.c
{
  printf '#include "part.h"\n#include "generated.h"\n#include <stdio.h>\nint main(void) {\n  int sum = GENERATED;\n'
  for i in {1..12}; do echo "  sum += part$i();"; done
  printf '  printf("%%d\\n", sum);\n  return 0;\n}\n'
} > src/main.c

# made DIR: builds and says what was compiled and linked.
made() {
  cmake --build "$1" -j 4 --verbose > "$OUTSIDE/made"
  say "$1: compiled $(grep -cE ' -c [^ ]*\.c' "$OUTSIDE/made" || true), linked $(grep -cE ' -o [a-z]+ .*\.o|/ar qc|libshared\.so .*\.o' "$OUTSIDE/made" || true)"
  say "says $("$1/main")"
}

for generator in Ninja 'Unix Makefiles'; do
  build=${generator%% *}
  cmake -G "$generator" -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_INSTALL_PREFIX="$PWD/installed-$build"
  made "$build"
  made "$build"
  sed -i 's/SCALE 2/SCALE 3/' src/part.h
  made "$build"
  sed -i 's/SCALE 3/SCALE 2/' src/part.h
  printf '#include "part.h"\nint part5(void) { return SCALE * 500; }\n' > src/part5.c
  made "$build"
  touch src/main.c
  made "$build"
  made "$build"
  (cd "$build" && ctest --output-on-failure)
  cmake --install "$build"
  strip "installed-$build/bin/main"
  say "stripped says $("installed-$build/bin/main")"
  printf '#include "part.h"\nint part5(void) { return SCALE * 5; }\n' > src/part5.c
done
ninja -C Ninja -n main >> "$OUTSIDE/printed"
ninja -C Ninja
ninja -C Ninja | tail -n 1 >&3
ninja -C Ninja -t clean
find Ninja -name '*.o' | wc -l >&3
(cd installed-Ninja && find . -printf '%p %y %m %n\n' | sort >&3)
