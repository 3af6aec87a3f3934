# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What fio writes it finds again, by every way to write and with several writers; long: larger files.
size=8m
! long_run || size=512m

# verified NAME OPTION...: fio fails on the first wrong byte.
verified() {
  local name=$1
  shift
  fio --name="$name" --directory=. --size=$size --verify=crc32c --verify_fatal=1 --do_verify=1 --group_reporting \
    --fallocate=none --randrepeat=1 --output="$OUTSIDE/fio-$name" "$@" || { cat "$OUTSIDE/fio-$name"; return 1; }
  say "$name: $(grep -oE 'err= *[0-9]+' "$OUTSIDE/fio-$name" | tr '\n' ' ')"
  rm -f "$name".*
}

verified sequential --rw=write --bs=64k --ioengine=psync --fadvise_hint=0
verified random --rw=randwrite --bsrange=4k-64k --ioengine=psync --verify_backlog=64
verified unaligned --rw=randwrite --bsrange=512-9k --bs_unaligned=1 --ioengine=psync --norandommap
verified mixed --rw=randrw --bs=4k --ioengine=pvsync2
verified mapped --rw=randwrite --bs=4k --ioengine=mmap
verified direct --rw=randwrite --bs=4k --ioengine=psync --direct=1
verified queued --rw=randrw --bs=16k --ioengine=libaio --direct=1 --iodepth=16
verified ring --rw=randwrite --bs=16k --ioengine=io_uring --iodepth=16
verified synced --rw=write --bs=64k --ioengine=psync --sync=1 --number_ios=64
verified flushed --rw=randwrite --bs=16k --ioengine=psync --fsync=32 --number_ios=256
verified preallocated --rw=randwrite --bs=4k --ioengine=psync --fallocate=posix
verified writers --rw=randwrite --bs=8k --ioengine=psync --numjobs=4
ls -A >&3
