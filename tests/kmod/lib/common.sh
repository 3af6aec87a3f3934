# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by tests/kmod/run: where things are, and how failures are told. Sourced.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
tests="$repository/tests/kmod"
cache="${WARD_KMOD_CACHE:-$repository/.cache/kmod}"

fail() {
  echo "kmod: $*" >&2
  exit 1
}

# release VERSION: the Debian release that carries this kernel.
release() {
  case $1 in
    6.1) echo bookworm ;;
    6.12) echo trixie ;;
    7) echo forky ;;
    *) fail "which kernel is $1? (6.1, 6.12, 7)" ;;
  esac
}

# hash_of PATH...: of all files below, by name and contents.
hash_of() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16; }

# once NAME COMMAND...: runs it with the lock of that name held, so that parallel runs share the cache.
once() {
  mkdir -p "$cache/locks"
  (
    flock 9
    "${@:2}"
  ) 9>"$cache/locks/$1"
}
