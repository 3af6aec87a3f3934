# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# stress-ng's file stressors, each checking what it does: a little work of each, a second at most; long: all of them for
# ten seconds each.

# stressed NAME OPTION...: its verdict, 0 for well, 2 for a failure.
stressed() {
  local name=$1 code=0
  shift
  stress-ng "--$name" 2 --verify --temp-path . --oomable "$@" > "$OUTSIDE/stress-$name" 2>&1 || code=$?
  cat "$OUTSIDE/stress-$name"
  say "$name: $code $(grep -oE '(fail|skipped|not implemented).*' "$OUTSIDE/stress-$name" | grep -v 'failed: 0' | head -n 3 || true)"
}

# Without those that are about other filesystems or about none, and without fcntl, which fails by itself now and then
# (ENOENT for its own file), natively too.
filesystem_stressors() {
  stress-ng --class 'filesystem?' | sed 's/.*: //' | tr ' ' '\n' |
    grep -vxE 'bind-mount|binderfs|eventfd|fanotify|fcntl|ioprio|procfs'
}

if long_run; then
  for name in $(filesystem_stressors); do stressed "$name" --timeout 10; done
else
  while read -r name amount; do
    stressed "$name" "--$name-ops" "$amount" --timeout 1
  done <<'TABLE'
access 20
chattr 50
chdir 300
chmod 30
chown 100
copy-file 20
dentry 2000
dir 500
dirdeep 200
dup 20
fallocate 10
fiemap 50
file-ioctl 50
filename 200
flock 500
fpunch 3
fsize 20
fstat 300
getdent 200
handle 50
hdd 100
inode-flags 50
inotify 5
iomix 200
lease 50
link 20
locka 500
lockf 500
lockofd 500
mknod 20
msync 50
open 200
readahead 50
rename 1000
revio 200
seek 500
sendfile 50
symlink 20
sync-file 10
touch 200
utime 500
xattr 5
TABLE
fi
