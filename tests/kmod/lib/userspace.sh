# SPDX-License-Identifier: GPL-2.0-or-later
# Ward's programs as this machine runs them, with the libraries and data they need, for the guest: only the kernel is of
# another release there. Sourced.

# make_userspace PROGRAMS TREE
make_userspace() {
  local file
  mkdir -p "$2/ward" "$2/usr/share/misc" "$2/etc" "$2/lib64" "$2/var/lib"
  for file in ward ward-scan; do
    [ -x "$1/$file" ] || fail "there is no $1/$file: build it, or say where it is with --programs DIR"
    objcopy --strip-debug "$1/$file" "$2/ward/$file"
  done
  # The loader and everything it would load, at the same paths.
  ldd "$1/ward" "$1/ward-scan" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// && NF == 2 { print $1 }' | sed 's/:$//' | sort -u |
    while read -r file; do
      [ "$file" != "$1/ward" ] && [ "$file" != "$1/ward-scan" ] || continue
      mkdir -p "$2$(dirname "$file")"
      cp -L "$file" "$2$file"
    done
  cp -L /usr/share/misc/magic.mgc "$2/usr/share/misc/"
  echo 'root:x:0:0:root:/:/bin/sh' >"$2/etc/passwd"
}
