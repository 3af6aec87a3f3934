# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Clones of every kind, fsck, checkouts, merges, rebases, packing and pushing.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ADVICE=0
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE='1700000000 +0000'

# 80 commits, each changes 12 of 120 files.
history() {
  awk 'BEGIN {
    for (c = 1; c <= 80; c++) {
      print "commit refs/heads/main\ncommitter A <a@example.org> " 1700000000 + c " +0000\ndata 1\nc"
      for (f = 0; f < (c == 1 ? 120 : 12); f++) {
        n = (c * 12 + f) % 120
        text = ""
        for (l = 0; l < 60; l++) text = text "file " n " line " l " " (l % 7 == c % 7 ? "changed by " c : "") "\n"
        printf "M 100644 inline dir%d/file%d.txt\ndata %d\n%s", n % 12, n, length(text), text
      }
      print ""
    }
  }'
}

state() {
  say "$1: $(git -C "$1" rev-parse HEAD 'HEAD^{tree}' | tr '\n' ' ')"
  say "$1: changed: $(git -C "$1" status --porcelain | wc -l), stale: $(git -C "$1" diff-files --name-only | wc -l)"
}

whole() {
  git -C "$1" fsck --full --strict --no-dangling
  say "$1: whole; $(git -C "$1" rev-list --objects --all | wc -l) objects"
}

git init -q --bare -b main "$OUTSIDE/origin.git"
history | git -C "$OUTSIDE/origin.git" fast-import --quiet

git clone -q "file://$OUTSIDE/origin.git" clone
state clone
whole clone

cd clone
for old in main~60 main~20 main; do
  git checkout -q "$old"
  say "$old: $(git status --porcelain | wc -l) changed"
done
git checkout -q -b topic main~5
for i in {1..15}; do
  echo "topic $i" > "new$i.txt"
  sed -i "s/line 5 .*/line 5 of topic $i/" dir1/file13.txt
  git add -A
  git commit -q -m "topic $i"
done
git checkout -q -b merged main
git merge -q -m merge topic
git checkout -q topic
git rebase -q main
git stash list
cd ..
state clone
whole clone

git -C clone gc -q --prune=now
say "loose after gc: $(git -C clone count-objects)"
whole clone
git -C clone push -q origin merged topic
git -C "$OUTSIDE/origin.git" fsck --full --strict
git clone -q --local clone linked
say "links of a pack: $(stat -c %h linked/.git/objects/pack/*.pack | tr '\n' ' ')"
git clone -q --no-hardlinks clone copied
git clone -q --mirror clone mirror.git
git -C clone worktree add -q ../worktree merged
for repository in linked copied worktree; do state "$repository"; done
whole mirror.git
git -C linked repack -q -a -d -f
git -C linked gc -q --prune=now
whole linked
git -C worktree reset -q --hard HEAD~3
git -C worktree clean -q -fdx
state worktree
git -C copied rm -q -r dir3
git -C copied checkout -q HEAD -- dir3
state copied
git -C clone archive --format=tar merged | sha256sum >&3
rm -rf linked copied mirror.git
ls -A >&3
