# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A cluster is made, works for a minute, is killed as by a power cut, recovers, works on, is checked and dumped.
PATH="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH"
export PGHOST=$OUTSIDE PGUSER=postgres PGDATABASE=postgres PGPORT=5433
server() { pg_ctl -D data -w -t 300 -l "$OUTSIDE/server.log" "$@"; }
ask() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }
start() { server -o "-k $OUTSIDE -c listen_addresses='' -c wal_keep_size=64MB -c max_wal_size=64MB" start; }

# The sums of the bank's books agree, and every transaction that was promised is there.
books() {
  say "$1: $(ask -c "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
    AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)
    AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(delta) FROM pgbench_history)")"
}

work() {  # SECONDS
  pgbench -n -c 4 -j 2 -T "$1" > "$OUTSIDE/pgbench" 2>&1 || { cat "$OUTSIDE/pgbench"; return 1; }
  cat "$OUTSIDE/pgbench"
  grep -E 'number of failed transactions' "$OUTSIDE/pgbench" >&3
  done_in_all=$((done_in_all + $(sed -n 's/^number of transactions actually processed: //p' "$OUTSIDE/pgbench")))
}

done_in_all=0
initdb -D data --data-checksums --auth=trust --encoding=UTF8 --no-locale
start
pgbench -i -q -s 5
work 60
say "all there: $([ "$(ask -c 'SELECT count(*) FROM pgbench_history')" = $done_in_all ] && echo yes)"
books "after a minute"

pgbench -n -c 4 -j 2 -T 30 > "$OUTSIDE/interrupted" 2>&1 &
client=$!
sleep 5
server stop -m immediate
wait $client || say "the clients were cut off"
start
books "recovered"
ask -c 'CREATE EXTENSION amcheck' -c "SELECT count(bt_index_check(c.oid, true)) > 0 FROM pg_class c JOIN pg_am a ON a.oid = c.relam
  WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p'" >&3
ask -c 'VACUUM FULL pgbench_accounts' -c 'CHECKPOINT' -c 'CREATE DATABASE copy TEMPLATE postgres' 2>&1 | tail -n 3 || true
pg_dump > "$OUTSIDE/dump"
createdb restored
ask -d restored -f "$OUTSIDE/dump"
say "restored: $([ "$(ask -c 'SELECT sum(abalance), count(*) FROM pgbench_accounts')" = "$(ask -d restored -c 'SELECT sum(abalance), count(*) FROM pgbench_accounts')" ] && echo the same)"
server stop -m fast
pg_checksums --check -D data | grep -E 'Bad checksums' >&3
