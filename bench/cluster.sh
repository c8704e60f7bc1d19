#!/usr/bin/env bash
# The cluster on this one machine: RabbitMQ, PostgreSQL (fsync on) and all roles, under the load of bench/ingest.sh. What is accepted per second,
# durable at the answer; how long after the last answer all of it was decided; whose CPU it took.
# cluster.sh [together|apart|scopes|page]...   one process; a process a role; eight scopes on one dedupe node and on three; alert to page. SECONDS_EACH=6
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
postgres_up "${PG_PORT:-19432}"
rabbit_up "${RABBIT_PORT:-19672}"

# config NAME [LINE...]: a database of its own; the broker's queues are empty between the parts.
config() {
    name=$1; shift
    database "$name"
    { printf 'broker: %s\nstore: %s/%s\npagers: [{name: quiet, type: webhook, url: "http://127.0.0.1:9/", match: {never: matches}, from: critical}]\n' "$rabbit" "$postgres" "$name"; printf '%s\n' "$@"; } >"$work/$name.yaml"
}

# node ROLE PORT CONFIG: a process; its id in $node. Those that decide are noted: they are asked how far.
node() {
    "$root/pipeline" serve --shadow --role "$1" --urls "http://127.0.0.1:$2" --config "$work/$3.yaml" >"$work/$1-$2.out" 2>&1 &
    node=$!
    started="$node $started"
    pids="$pids $node"
    case $1 in all | dedupe) deciding="$deciding http://127.0.0.1:$2/metrics" ;; esac
    wait_for "http://127.0.0.1:$2/readyz"
}

# stop: ends the nodes of a part.
stop() {
    # shellcheck disable=SC2086
    kill $pids
    for pid in $pids; do wait "$pid" || :; done
    pids='' deciding=''
}

ask() { psql -h 127.0.0.1 -p "$pg_port" -U postgres "$1" -Atc "$2"; }
recorded() { ask "$1" 'SELECT coalesce(sum(last_input), 0) FROM pipeline.heads'; }
delivered() { ask "$1" 'SELECT count(*) FROM pipeline.inputs WHERE kind = 1'; }

# decided DATABASE RECORDED DELIVERED: waits until so many inputs are recorded, so many of them deliveries, and no node has one that is not decided.
decided() {
    for _ in $(seq 600); do
        if [ "$(recorded "$1")" -ge "$2" ]; then
            # shellcheck disable=SC2086
            lag=$(curl -s $deciding | awk '/^pipeline_deciding_lag_seconds[ {]/ && $NF + 0 > worst { worst = $NF + 0 } END { print (worst > 0) }')
            now=$(date +%s%N)
            if [ "$lag" = 0 ] && [ "$(delivered "$1")" -ge "$3" ]; then echo "$now"; return; fi
        fi
        sleep 0.02
    done
    echo "$1: not all that was accepted came to be decided within 12 s and more" >&2
    exit 1
}

# used: CPU seconds of our processes, of the broker, of PostgreSQL; seconds that the cores had nothing to do.
used() {
    ours=0; for pid in $pids; do ours=$(echo "$ours $(cpu "$pid")" | awk '{ print $1 + $2 }'); done
    echo "$ours $(cpu "$rabbit_pid") $(cpu_tree "$pg_pid") $(awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print $5 / hz }' /proc/stat)"
}

# load NAME DATABASE PORT CONNECTIONS SIZE: one line.
load() {
    what=$1 db=$2 port=$3 connections=$4 size=$5
    recorded_before=$(recorded "$db"); delivered_before=$(delivered "$db")
    before=$(used); began=$(date +%s%N)
    out=$(ALERTS=$size wrk -t1 "-c$connections" "-d${seconds}s" -s "$root/bench/alerts.lua" "http://127.0.0.1:$port" | grep RESULT)
    ended=$(date +%s%N); after=$(used)
    read -r _ requests bad took p99 <<<"$out"
    done_at=$(decided "$db" $((recorded_before + requests)) $((delivered_before + requests)))
    echo "$before $after" | awk -v n="$what" -v c="$connections" -v s="$size" -v r="$requests" -v b="$bad" -v t="$took" -v p="$p99" -v l=$(((done_at - ended) / 1000000)) -v w=$(((done_at - began) / 1000000)) '
        { a = r * s; k = a / 1000
          printf "%-22s %2d connections, bodies of %-4d %8.0f alerts/s  p99 %.1f ms  bad %d  decided %d ms after (%.0f alerts/s to there)  cpu s per 1,000: ours %.4f, broker %.4f, postgres %.4f; idle %.0f %%\n",
            n, c, s, a / t, p / 1000, b, l, a * 1000 / w, ($5 - $1) / k, ($6 - $2) / k, ($7 - $3) / k, ($8 - $4) / t / '"$(nproc)"' * 100 }'
}

# loads NAME DATABASE PORT CONNECTIONS...: each size once to warm up, then measured.
loads() {
    name=$1 db=$2 port=$3; shift 3
    for size in 1 100; do load warm-up "$db" "$port" 64 $size >/dev/null; done
    for many in "$@"; do for size in 1 100; do load "$name" "$db" "$port" "$many" $size; done; done
}

together() {
    config together
    node all 19081 together
    loads "one process, all roles" together 19081 8 64
    stop
}

apart() {
    config apart
    port=19082; for role in ingest dedupe project pager; do node $role $port apart; port=$((port + 1)); done
    loads "a process a role" apart 19082 8 64
    stop
}

scopes() {
    export SCOPES=8
    for nodes in 1 3; do
        config "scopes$nodes" 'scope.label: cluster'
        node ingest 19101 "scopes$nodes"
        for n in $(seq "$nodes"); do node dedupe $((19110 + n)) "scopes$nodes"; done
        sleep 6 # the leases spread one at a time
        loads "8 scopes, $nodes dedupe" "scopes$nodes" 19101 8 64
        stop
    done
    export SCOPES=
}

page() {
    config page
    BENCH_CONFIG=$(grep -E '^(broker|store):' "$work/page.yaml") dotnet "$root/bench/Bench/bin/Release/net10.0/Bench.dll" page
}

pids='' deciding=''
for part in "${@:-together}"; do
    case $part in together | apart | scopes | page) $part ;; *) echo "usage: cluster.sh [together|apart|scopes|page]..." >&2; exit 2 ;; esac
done
