# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# rsync -aHAX into the directory and out of it, of a tree that has one of everything.
everything() {
  local number
  mkdir "$1" && cd "$1"
  material text
  ln text/part1/file1.txt hard1
  ln text/part1/file1.txt text/part2/hard2
  ln -s text/part1 to-directory
  ln -s /nowhere/at/all dangling
  ln hard1 "$(printf 'caf\351 with spaces\nand a new line')"
  mkfifo pipe
  mknod null c 1 3
  mknod loop b 7 200
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
  truncate -s 3M sparse
  printf end | dd of=sparse bs=1 seek=2000000 conv=notrunc status=none
  : > empty
  touch "$(printf 'n%.0s' {1..255})"
  echo shown > setuid && chmod 6755 setuid
  echo hidden > unreadable && chmod 0000 unreadable
  mkdir -m 2775 setgid && mkdir -m 1777 sticky
  echo a > setgid/a
  for number in 20001 20002 65534; do
    echo "$number" > "of-$number" && chown "$number:$((number + 5))" "of-$number"
  done
  chown -h 20001:20001 dangling
  setfacl -m u:20001:rw,g:20010:r,m::rw empty
  setfacl -m u:20002:rwx setgid
  setfacl -d -m u:20001:rwx,g:20011:rx setgid
  setfattr -n user.one -v value empty
  setfattr -n user.large -v "$(printf 'v%.0s' {1..2000})" empty
  setfattr -n trusted.two -v 0x00ff00 text
  cp /bin/true capable && setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 capable
  touch -h -d '1999-12-31 23:59:59.123456789' dangling
  touch -d '2038-01-19 03:14:09.987654321' empty
  touch -d '1960-02-03 04:05:06.000000007' of-65534
  find . -newer hard1 -type d -exec touch -d '2020-02-02 02:02:02.222222222' {} +
  find . -type d -exec touch -d '2020-02-02 02:02:02.222222222' {} +
  find . -not -type d -newermt 2021-01-01 -not -newermt 2037-01-01 -exec touch -h -d '2021-01-01 01:01:01.111111111' {} +
  cd -
}

copy() { rsync -aHAXS --numeric-ids "$@"; }

# same ONE OTHER: rsync itself finds nothing to do, by checksums.
same() {
  local differences
  differences=$(rsync -aHAXnic --numeric-ids --delete "$1/" "$2/")
  say "$1 to $2: ${differences:-nothing to do}"
}

everything "$OUTSIDE/tree"
ln -s "$OUTSIDE" outside

copy outside/tree/ here/
same outside/tree here
tree here
metadata here
say "sparse: $([ "$(stat -c %b here/sparse)" -lt 1000 ] && echo stays sparse)"
copy here/ outside/back/
same here outside/back
same outside/tree outside/back
rm -rf outside/back

# Changes go both ways: in place, appended, renamed, removed.
(
  cd outside/tree
  sed -i 's/ 7 of/ seven of/' text/part3/*.txt
  echo appended >> text/part4/file4.txt
  mv text/part5 text/renamed
  rm -r text/part6
  chmod 0640 text/part7/*.txt
  setfacl -x u:20001 empty
  setfattr -x user.one empty
)
copy --delete --itemize-changes outside/tree/ here/ | sort >&3
same outside/tree here
sed -i 's/alike/different/' here/text/part8/*.txt
chown 20002 here/text/part9/file1.txt
copy --delete --inplace --no-whole-file here/ outside/tree/
same here outside/tree
copy --inplace --no-whole-file --append-verify outside/tree/ here/

# Within the directory, with links to an earlier backup.
copy --link-dest="$PWD/here" here/ backup/
say "links of a backup: $(stat -c %h backup/text/part1/file9.txt backup/hard1 | tr '\n' ' ')"
copy --remove-source-files --delay-updates backup/ moved/
same here moved
say "left: $(find backup -type f | wc -l)"
rm -rf here backup moved outside
ls -A >&3
