# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What shell scripts do all day, as an ordinary user.
material text
tree text

cp -a text copy
cp -a --link text linked
diff -r text copy && say "copies are the same"
say "links: $(stat -c %h linked/part1/file1.txt)"
echo changed >> copy/part1/file1.txt
diff -r text copy > change.patch || say "they differ: $?"
diff -u text/part1/file1.txt copy/part1/file1.txt > one.patch || true
[ "$(find copy -newer change.patch | wc -l)" = 0 ] && say "nothing is newer than what came last"
sed -i 's/alike/different/' copy/part2/*.txt
sort -r -o copy/part2/file3.txt copy/part2/file3.txt
mv copy/part2 copy/part3/moved
mv -n copy/part4/file1.txt copy/part4/file2.txt
mv --backup=numbered copy/part4/file3.txt copy/part4/file4.txt
install -m 4750 -g 20010 text/part1/file2.txt copy/installed
mkdir -m 2770 copy/shared && chgrp 20010 copy/shared && echo x > copy/shared/inherits
chmod -R u+rwX,g-w,o= copy/part5
ln -sfn ../text copy/link
ln -sfn ../text/part1 copy/link
find copy -name 'file1[0-9].txt' -delete
find copy -type d -empty -print | sort >&3
tree copy

# Holes, ends and places
truncate -s 10M hole
echo end | dd of=hole bs=1 seek=5000000 conv=notrunc status=none
cp --sparse=always hole sparse
cp --sparse=never hole full
cp --reflink=auto hole cloned
cmp hole sparse && cmp hole full && cmp hole cloned
say "blocks: $([ "$(stat -c %b sparse)" -lt 100 ] && echo few) $([ "$(stat -c %b full)" -gt 20000 ] && echo all)"
seq 1 100000 > numbers
dd if=hole of=direct bs=64K iflag=direct oflag=direct conv=fsync && cmp hole direct && say "direct"
dd if=numbers of=numbers2 bs=4K conv=fdatasync
dd if=numbers2 bs=1 skip=588880 count=14 status=none >&3
head -c 100000 numbers > start && tail -c +100001 numbers >> start && cmp start numbers
split -n l/7 numbers piece- && cat piece-* | cmp - numbers
fallocate -l 1M allocated && fallocate -p -o 4096 -l 8192 allocated && fallocate -d hole
stat -c '%s %n' allocated hole >&3
tac numbers | sha256sum >&3
gzip -k numbers && zstd -q numbers && xz -k numbers && bzip2 -k numbers 2> "$OUTSIDE/no-bzip2" || true
gzip -dc numbers.gz | cmp - numbers && zstd -dqc numbers.zst | cmp - numbers && xz -dc numbers.xz | cmp - numbers
say "packed and unpacked"

# Many at once
for i in {1..8}; do
  (for j in {1..50}; do echo "$i $j" >> appended; done) &
done
wait
sort -k1n -k2n appended | sha256sum >&3
echo 0 > counter
for i in {1..4}; do
  (for j in {1..25}; do flock lock sh -c 'echo $(($(cat counter) + 1)) > counter'; done) &
done
wait
cat counter >&3
seq 1 200 | xargs -P 8 -I N sh -c 'echo N > many-N && mv many-N done-N'
cat done-* | sort -n | sha256sum >&3
: > followed
timeout 180 tail -n +1 -f -s 0.1 followed > "$OUTSIDE/followed" &
follower=$!
for i in {1..20}; do echo "line $i" >> followed; done
eventually grep -qx 'line 20' "$OUTSIDE/followed"
kill $follower && wait $follower || true
say "followed $(wc -l < "$OUTSIDE/followed") lines"

# Programs of their own
cp /bin/echo mine && ./mine "runs" >&3
printf '#!/bin/sh\necho "script $1"\n' > script && ./script x || say "not executable: $?"
chmod 755 script && ./script x >&3
cp /bin/sleep busy
./busy 60 &
busy=$!
eventually pgrep -P $$ -x busy
(echo x >> busy) || say "text file busy"
kill $busy && wait $busy || true
touch -d '2001-02-03 04:05:06.123456789' stamped && stat -c '%Y %y' stamped >&3
touch -r stamped other && [ ! other -nt stamped ] && [ ! other -ot stamped ] && say "as old"
mkdir -p "$(printf 'deep/%.0s' {1..200})" && find deep | wc -l >&3
rm -rf deep copy linked text
ls >&3
