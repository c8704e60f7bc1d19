#!/usr/bin/env bash
# The cluster on this one machine: RabbitMQ, PostgreSQL and all roles, under the load of bench/ingest.sh. What is accepted per second, durable
# at the answer; how long after the last answer all of it was decided; alert to page; and three dedupe nodes over eight scopes against one.
# SECONDS_EACH=6
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
. "$root/bench/servers.sh"
need wrk wrk; need curl curl; need psql postgresql-client
seconds=${SECONDS_EACH:-6}
export IDENTITIES=10000 STARTS ENDS SCOPES
STARTS=$(date -u +%FT%TZ); ENDS=$(date -u -d '+6 hours' +%FT%TZ)
machine
"$root/pipeline" --version >/dev/null
postgres_up 19432
rabbit_up 19672

# config NAME [LINE...]: a database of its own; the broker's queues are empty between the parts.
config() {
    name=$1; shift
    database "$name"
    { printf 'broker: %s\nstore: %s/%s\npagers: [{name: quiet, type: webhook, url: "http://127.0.0.1:9/", match: {never: matches}, from: critical}]\n' "$rabbit" "$postgres" "$name"; printf '%s\n' "$@"; } >"$work/$name.yaml"
}

# node ROLE PORT CONFIG: a process; its id in $node.
node() {
    "$root/pipeline" serve --shadow --role "$1" --urls "http://127.0.0.1:$2" --config "$work/$3.yaml" >"$work/$1-$2.out" 2>&1 &
    node=$!
    started="$node $started"
    wait_for "http://127.0.0.1:$2/readyz"
}

# decided: waits until nothing is under way; how many ms that took. The broker's own tool takes most of a second to answer.
decided() {
    asked=$(date +%s%N)
    until [ "$(psql -h 127.0.0.1 -p "$pg_port" -U postgres "$1" -Atc "SELECT coalesce(max(lag), 0) < 0.05 FROM pipeline.nodes WHERE kind = 'partition' AND until > now()")" = t ] && [ "$(queued)" = 0 ]; do :; done
    echo $((($(date +%s%N) - asked) / 1000000))
}

# load NAME DATABASE PORT CONNECTIONS SIZE PID...: one line; the CPU of the named processes and of the broker.
load() {
    what=$1 db=$2 port=$3 connections=$4 size=$5; shift 5
    before=0; for pid in "$@"; do before=$(echo "$before $(cpu "$pid")" | awk '{ print $1 + $2 }'); done
    broker_before=$(cpu "$rabbit_pid")
    began=$(date +%s%N)
    out=$(ALERTS=$size wrk -t1 "-c$connections" "-d${seconds}s" -s "$root/bench/alerts.lua" "http://127.0.0.1:$port" | grep RESULT)
    lag=$(decided "$db")
    all=$((($(date +%s%N) - began) / 1000000))
    after=0; for pid in "$@"; do after=$(echo "$after $(cpu "$pid")" | awk '{ print $1 + $2 }'); done
    read -r _ requests bad took p99 <<<"$out"
    awk -v n="$what" -v c="$connections" -v s="$size" -v r="$requests" -v b="$bad" -v t="$took" -v p="$p99" -v l="$lag" -v w="$all" -v c0="$before" -v c1="$after" -v b0="$broker_before" -v b1="$(cpu "$rabbit_pid")" \
        'BEGIN { a = r * s; printf "%-22s %2d connections, bodies of %-4d %8.0f alerts/s  p99 %.1f ms  bad %d  decided %d ms after (%.0f alerts/s to there)  cpu s per 1,000: ours %.4f, broker %.4f\n", n, c, s, a / t, p / 1000, b, l, a * 1000 / w, (c1 - c0) * 1000 / a, (b1 - b0) * 1000 / a }'
}

config together
node all 19081 together; one=$node
load "warm-up" together 19081 64 100 "$one" >/dev/null
load "warm-up" together 19081 64 1 "$one" >/dev/null
for connections in 8 64; do for size in 1 100; do load "one process, all roles" together 19081 $connections $size "$one"; done; done
kill "$one"; wait "$one" || :

config apart
pids=; for role in ingest dedupe project pager; do node $role $((19082 + ${#pids})) apart; [ $role != ingest ] || first=$((19082 + ${#pids})); pids="$pids $node"; done
# shellcheck disable=SC2086
for size in 1 100; do load "a process a role" apart "$first" 64 $size $pids >/dev/null; load "a process a role" apart "$first" 64 $size $pids; done
# shellcheck disable=SC2086
kill $pids; for pid in $pids; do wait "$pid" || :; done

SCOPES=8
for nodes in 1 3; do
    config "scopes$nodes" 'scope.label: cluster'
    node ingest 19101 "scopes$nodes"; pids=$node
    for n in $(seq "$nodes"); do node dedupe $((19110 + n)) "scopes$nodes"; pids="$pids $node"; done
    sleep 6 # the leases spread one at a time
    # shellcheck disable=SC2086
    for size in 1 100; do load "warm-up" "scopes$nodes" 19101 64 $size $pids >/dev/null; load "8 scopes, $nodes dedupe" "scopes$nodes" 19101 64 $size $pids; done
    # shellcheck disable=SC2086
    kill $pids; for pid in $pids; do wait "$pid" || :; done
done
SCOPES=

config page
BENCH_CONFIG=$(grep -E '^(broker|store):' "$work/page.yaml") dotnet run -c Release --project "$root/bench/Bench" -- page
