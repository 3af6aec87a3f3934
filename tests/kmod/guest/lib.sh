# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases are written in. Every function that checks something ends the case when it does not hold. Sourced.
counters=/sys/kernel/debug/ward/counters
scanner=

flunk() {
  echo "FAILED: $*"
  [ -e $counters ] && tr '\n' ' ' <$counters && echo
  exit 1
}

is() { [ "$2" = "$3" ] || flunk "$1: $2, not $3"; }
at_most() { [ "$2" -le "$3" ] || flunk "$1: $2, more than $3"; }
at_least() { [ "$2" -ge "$3" ] || flunk "$1: $2, less than $3"; }

counter() { sed -n "s/^$1 //p" $counters; }
tenths() { sed 's/\.\(.\).* .*/\1/' /proc/uptime; }

# within TENTHS COMMAND...: it becomes true in that time.
within() {
  limit=$(($(tenths) + $1))
  shift
  until "$@" 2>/dev/null; do
    [ "$(tenths)" -lt $limit ] || return 1
    usleep 20000
  done
}

load() { insmod "/$1.ko"; }

# Two seconds, and three more for an emulated processor that shares its host: its clock goes on while it gets no time.
promptly=50

# Hundredths of a second for a piece of work; PACE is what it took when the guest had started.
work() {
  work_start=$(sed 's/\.\(..\) .*/\1/' /proc/uptime)
  steps=0
  while [ $steps -lt 5000 ]; do steps=$((steps + 1)); done
  echo $(($(sed 's/\.\(..\) .*/\1/' /proc/uptime) - work_start + 1))
}
# The same at the pace of now: with many times less of its host than at its start, as many times longer.
promptly_now() {
  now=$(work)
  echo $((now > PACE ? promptly * now / PACE : promptly))
}

# What was taken was given back, and rmmod comes to its end promptly.
unload() {
  taken=$(counter references_taken)
  is "references given back" "$(counter references_given_back)" "$taken"
  start=$(tenths)
  rmmod ward
  took=$(($(tenths) - start))
  echo "WARD-TABLE rmmod tenths=$took"
  [ $took -le $promptly ] || at_most "tenths of a second for rmmod" $took "$(promptly_now)"
}

# So does umount, once what was written is on the disk.
unmount() {
  sync
  start=$(tenths)
  within $promptly umount "$1" || flunk "cannot unmount $1"
  echo "WARD-TABLE umount $1 tenths=$(($(tenths) - start))"
}

# start_scanner SETTING...: a stub scanner that obeys `tell`.
start_scanner() {
  rm -f /run/in /run/out
  mkfifo /run/in
  kmodtest scan "$@" </run/in >/run/out 2>&1 &
  scanner=$!
  exec 3>/run/in
  within 100 grep -q ready /run/out || flunk "no scanner: $(cat /run/out)"
}

told() { [ "$(grep -c '^done' /run/out)" -gt "$1" ]; }
tell() {
  before=$(grep -c '^done' /run/out || true)
  echo "$1" >&3
  within 100 told "$before" || flunk "the scanner did not obey: $1: $(cat /run/out)"
}

stop_scanner() {
  exec 4>&-
  [ -n "$scanner" ] || return 0
  exec 3>&-
  kill -9 "$scanner" 2>/dev/null || true
  wait "$scanner" 2>/dev/null || true
  scanner=
}

opens() { kmodtest open "$1" "${2:-r}" || true; }
idle() { [ "$(counter closes_waiting)" = 0 ]; }
# Everything that was queued has been read.
quiet() { [ "$(counter references_taken)" = "$(counter references_given_back)" ]; }
holding() { [ "$(counter held_waiting)" -ge "$1" ]; }
released() { [ "$(counter held_waiting)" = 0 ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# settle: change times become old enough to be believed.
settle() { usleep 60000; }
