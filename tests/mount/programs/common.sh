# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Comes before every script. The script starts in an empty directory of its own, bare or guarded; $OUTSIDE is another
# one, never guarded. What it says (everything that goes to descriptor 3) is compared between the two; what its programs
# print is shown only when it fails.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC CCACHE_DISABLE=1
exec 3> "$OUTSIDE/said" 4>&1 > "$OUTSIDE/printed" 2>&1
trap 'code=$?; [ $code = 0 ] || { echo "exit code $code; at last"; tail -n 5 "$OUTSIDE/said"; tail -n 40 "$OUTSIDE/printed"; } >&4' EXIT

long_run() { [ -n "${WARD_LONG-}" ]; }

# eventually COMMAND...: waits until it succeeds, for two minutes.
eventually() {
  local until=$((SECONDS + 120))
  until "$@"; do
    [ $SECONDS -lt $until ] || { echo "never: $*"; return 1; }
    sleep 0.05
  done
}

# say WORD...: a line to compare.
say() { printf '%s\n' "$*" >&3; }

# tree DIR: every entry with type, mode, owner, links and size, and every file's contents.
tree() {
  say "tree $1"
  (
    cd "$1"
    find . -type d -printf '%p %y %m %U:%G %n\n' -o -printf '%p %y %m %U:%G %n %s %l\n' | sort
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum
  ) >&3
}

# metadata DIR: what `tree` leaves out: times to the nanosecond, ACLs, extended attributes.
metadata() {
  say "metadata $1"
  (
    cd "$1"
    find . -printf '%p %T@\n' | sort
    find . -print0 | sort -z | xargs -0 -r getfacl --physical --numeric --omit-header
    find . -print0 | sort -z | xargs -0 -r getfattr --no-dereference --dump --match=- --encoding=hex
  ) >&3
}

# material DIR: 120 text files in 12 directories.
material() {
  local i
  for i in {1..12}; do mkdir -p "$1/part$i"; done
  awk -v to="$1" 'BEGIN {
    for (part = 1; part <= 12; part++)
      for (file = 1; file <= 10; file++) {
        name = to "/part" part "/file" file ".txt"
        for (line = 1; line <= file * 40; line++) print part, file, line, "of many lines that look alike" > name
        close(name)
      }
  }'
}
