#!/usr/bin/env bash
# replay of ait-ads/wheeler (616,161 alerts), RUNS times: alerts/s and peak memory; and of its first half, to see that memory does not grow
# with repeats. Needs ../shared/data and python3 (to convert it).
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
shared=${PIPELINE_SHARED:-$root/../shared}
need python3 python3
machine
python3 "$shared/tools/evaluate.py" convert ait "$shared/data/streams/ait-ads/wheeler.csv.gz" >"$work/wheeler.jsonl"
head -n 308080 "$work/wheeler.jsonl" >"$work/half.jsonl"
"$root/pipeline" --version >/dev/null
for file in half wheeler; do
    for _ in $(seq "${RUNS:-5}"); do
        "$root/pipeline" replay "$work/$file.jsonl" --out "$work/out" --json >"$work/summary" 2>/dev/null &
        pid=$!
        high=0
        while kill -0 $pid 2>/dev/null; do now=$(peak $pid 2>/dev/null || echo 0); [ "${now:-0}" -gt "$high" ] && high=$now; sleep 0.05; done
        wait $pid
        echo "$file: $(sed 's/.*"alerts":\([0-9]*\).*"alertsPerSecond":\([0-9]*\).*/\1 alerts, \2 alerts\/s/' "$work/summary"), peak $high MiB"
    done
done
