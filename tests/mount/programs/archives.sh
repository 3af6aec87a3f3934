# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# tar, cpio and zip, into the directory and out of it.
mkdir made && cd made
material text
ln text/part1/file1.txt hard
ln -s text/part2 link
mkfifo pipe
mknod null c 1 3
truncate -s 2M sparse && echo end >> sparse
echo x > setuid && chown 20001:20002 setuid && chmod 6755 setuid
setfacl -m u:20001:rw,m::rw text/part1/file2.txt
setfacl -d -m g:20010:rx text/part3
setfattr -n user.key -v value text/part1/file3.txt
find . -exec touch -h -d '2011-11-11 11:11:11.111111111' {} +
cd ..

pack() { tar --format=posix --sort=name --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --acls --xattrs --sparse "$@"; }
pack -cf made.tar made
tar -tvf made.tar --numeric-owner --full-time | sha256sum >&3
tar --compare -f made.tar && say "no difference"
mkdir unpacked && tar --acls --xattrs --xattrs-include='*' -xpf made.tar -C unpacked
tree unpacked
metadata unpacked/made
tar --acls --xattrs --xattrs-include='*' -xpf made.tar -C unpacked --overwrite
tar --compare -f made.tar -C unpacked && say "no difference"
tar --delete -f made.tar made/text/part1 && tar -rf made.tar made/text/part1
tar -tf made.tar | sort | sha256sum >&3
pack -czf - made | tar -xzf - -C "$OUTSIDE"
diff -r made/text "$OUTSIDE/made/text" && say "the same outside"

mkdir by-cpio && (cd made && find . -print0 | sort -z | cpio -0o -H newc) | (cd by-cpio && cpio -idm)
tree by-cpio
(mkdir through && cd made && find text -print0 | cpio -0pdml ../through) && tree through/text/part1
busybox tar -cf by-busybox.tar made/text && mkdir busy && busybox tar -xf by-busybox.tar -C busy && diff -r made/text busy/made/text
python3 -m zipfile -c made.zip made/text && unzip -q made.zip -d unzipped && tree unzipped/text/part4
unzip -tq made.zip | sed 's/.*No/No/' >&3
for packer in gzip xz zstd; do
  tar -cf "made.$packer" "--$packer" made/text && mkdir "by-$packer" && tar -xf "made.$packer" -C "by-$packer"
  diff -r made/text "by-$packer/made/text" && say "$packer"
done
rm -rf by-* busy through unpacked made
ls >&3
