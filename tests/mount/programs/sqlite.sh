# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Several processes write to one database in write-ahead mode, whose index is a mapping they share, while others read;
# one of them is killed. Then the same with a rollback journal. Every transaction moves money, so that sums tell.
sql() { sqlite3 -batch -bail -cmd '.timeout 120000' "$@"; }

transfers() {  # WRITER COUNT
  awk -v w="$1" -v n="$2" 'BEGIN {
    for (i = 1; i <= n; i++) {
      from = (i * 7 + w * 13) % 100 + 1; to = (i * 11 + w * 17) % 100 + 1
      print "BEGIN IMMEDIATE;"
      print "UPDATE account SET money = money - " i " WHERE id = " from ";"
      print "UPDATE account SET money = money + " i " WHERE id = " to ";"
      print "INSERT INTO moved(writer, number, note) VALUES (" w ", " i ", hex(zeroblob(300)));"
      print "COMMIT;"
    }
  }'
}

reader() {  # DATABASE: fails when it ever sees half of a transaction
  local sum round
  for round in {1..15}; do
    sum=$(sql "$1" 'SELECT sum(money) FROM account')
    [ "$sum" = 100000 ] || { echo "round $round of a reader: the sum is $sum"; return 1; }
  done
}

look() {
  say "$1: $(sql "$1" 'PRAGMA integrity_check')"
  say "$1: $(sql "$1" 'SELECT sum(money), min(money), max(money) FROM account; SELECT writer, count(*) FROM moved GROUP BY writer' | tr '\n' ' ')"
}

together() {  # DATABASE COUNT: four writers and two readers
  local pids=() writer pid
  for writer in 1 2 3 4; do
    transfers "$writer" "$2" | sql "$1" &
    pids+=($!)
  done
  reader "$1" & pids+=($!)
  reader "$1" & pids+=($!)
  for pid in "${pids[@]}"; do wait "$pid"; done
}

for mode in wal delete; do
  sql $mode "PRAGMA page_size = 4096; PRAGMA journal_mode = $mode;
    CREATE TABLE account(id INTEGER PRIMARY KEY, money INTEGER);
    CREATE TABLE moved(writer INTEGER, number INTEGER, note TEXT, PRIMARY KEY(writer, number));
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO account SELECT i, 1000 FROM n;"
  [ $mode = wal ] && count=100 || count=30
  together $mode $count
  look $mode
done

# A writer that dies in a transaction leaves nothing of it.
mkfifo "$OUTSIDE/orders"
sql wal < "$OUTSIDE/orders" &
victim=$!
exec 5> "$OUTSIDE/orders"
cat >&5 <<TEXT
PRAGMA cache_size = 5;
BEGIN IMMEDIATE;
UPDATE account SET money = 0;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO moved SELECT 9, i, hex(zeroblob(300)) FROM n;
.shell touch $OUTSIDE/halfway
TEXT
eventually [ -e "$OUTSIDE/halfway" ]
say "beside a killed writer: $(ls wal* | tr '\n' ' ')"
kill -KILL "$victim"
wait "$victim" || say "killed: $?"
exec 5>&-
look wal

sql wal 'PRAGMA wal_checkpoint(TRUNCATE)' >&3
sql wal 'VACUUM; PRAGMA journal_mode = delete' >&3
sql wal "VACUUM INTO 'copy'"
sql wal .dump | sort | sha256sum >&3
sql copy .dump | sort | sha256sum >&3
ls -A >&3
