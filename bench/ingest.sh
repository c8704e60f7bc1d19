#!/usr/bin/env bash
# The same load at us and at Debian's Alertmanager, in turn: 8 connections, 600-byte alerts to /api/v2/alerts, bodies of 1, 10 and 100.
# Prints alerts/s, CPU seconds per 1,000 alerts and resident memory of each, and the ratios. SECONDS_EACH=10 ROUNDS=3 IDENTITIES=10000
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
need wrk wrk; need prometheus-alertmanager prometheus-alertmanager; need curl curl
seconds=${SECONDS_EACH:-10} rounds=${ROUNDS:-3}
export IDENTITIES=${IDENTITIES:-10000} STARTS ENDS
STARTS=$(date -u +%FT%TZ); ENDS=$(date -u -d '+6 hours' +%FT%TZ)
machine

cat >"$work/am.yml" <<'Y'
route: {receiver: none}
receivers: [{name: none}]
Y
prometheus-alertmanager --config.file="$work/am.yml" --storage.path="$work/am" --web.listen-address=127.0.0.1:19093 --cluster.listen-address= >"$work/am.out" 2>&1 &
am=$!; started="$started $am"
wait_for http://127.0.0.1:19093/-/ready
us 19080

# load NAME PID PORT SIZE: one line "alerts/s cpu-per-1000 bad"
load() {
    before=$(cpu "$2")
    out=$(ALERTS=$4 wrk -t1 -c8 -d"${seconds}s" -s "$root/bench/alerts.lua" "http://127.0.0.1:$3" | grep RESULT)
    # What was accepted must be decided too: its cost counts here, and so does how long it took.
    lag=0
    if [ "$1" = us ]; then
        asked=$(date +%s%N)
        until curl -s "http://127.0.0.1:$3/metrics" | awk '/^pipeline_deciding_lag_seconds/ { exit !($NF < 0.05) }'; do sleep 0.02; done
        lag=$((($(date +%s%N) - asked) / 1000000))
    fi
    after=$(cpu "$2")
    read -r _ requests bad took p99 <<<"$out"
    awk -v n="$1" -v r="$requests" -v b="$bad" -v t="$took" -v s="$4" -v c0="$before" -v c1="$after" -v m="$(rss "$2")" -v p="$p99" -v l="$lag" \
        'BEGIN { a = r * s; printf "%-12s bodies of %-4d %9.0f alerts/s  %.4f cpu s per 1,000  p99 %.1f ms  %4d MiB  bad %d  decided %d ms after\n", n, s, a / t, (c1 - c0) * 1000 / a, p / 1000, m, b, l }'
}

for size in 1 10 100; do
    for round in $(seq "$rounds"); do
        load alertmanager $am 19093 $size
        load us $us 19080 $size
    done
done | tee "$work/rows"

awk '{ rate[$1 " " $4] = rate[$1 " " $4] " " $5; cpu[$1 " " $4] = cpu[$1 " " $4] " " $7 }
     function median(text,  v, n, i, j, t) { n = split(text, v, " "); for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] + 0 < v[i] + 0) { t = v[i]; v[i] = v[j]; v[j] = t } return v[int((n + 1) / 2)] }
     END { n = split("1 10 100", sizes, " "); for (i = 1; i <= n; i++) { s = sizes[i]
         printf "bodies of %d: %.2f times its rate, %.2f of its cpu per alert\n", s, median(rate["us " s]) / median(rate["alertmanager " s]), median(cpu["us " s]) / median(cpu["alertmanager " s]) } }' "$work/rows"
