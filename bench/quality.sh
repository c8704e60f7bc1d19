#!/usr/bin/env bash
# Scores the default rules on the shared, labelled material with evaluate.py: ait (four sets), upptime (two), loghub (four).
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
shared=${PIPELINE_SHARED:-$root/../shared}
need python3 python3
"$root/pipeline" --version >/dev/null
score() { # KIND NAME FILE
    python3 "$shared/tools/evaluate.py" convert "$1" "$3" >"$work/in.jsonl"
    rm -rf "$work/out"
    "$root/pipeline" replay "$work/in.jsonl" --out "$work/out" --json >/dev/null 2>&1
    python3 "$shared/tools/evaluate.py" score "$1" "$3" "$work/out" >"$work/$1-$2.json"
}
for set in russellmitchell shaw wardbeck wheeler; do score ait $set "$shared/data/streams/ait-ads/$set.csv.gz"; done
for set in curc manticore; do score upptime $set "$shared/data/streams/upptime/$set.observations.csv.gz"; done
for set in BGL HDFS OpenStack Zookeeper; do score loghub $set "$shared/data/streams/loghub/${set}_2k.log_structured.csv.gz"; done
python3 - "$work" <<'P'
import glob, json, os, sys
total = {"changes": 0, "pages": 0, "events": 0, "named": 0, "within": 0, "phases": 0, "surfaced": 0}
for path in sorted(glob.glob(sys.argv[1] + "/*-*.json")):
    d, name = json.load(open(path)), os.path.basename(path)[:-5]
    head = f"{name:22} {d['alerts']:7} alerts {d['incidents']:4} incidents {d['changes']:4} changes {d['pages']:4} pages"
    if "events" in d:
        e, p = d["events"], d["phases"]
        print(f"{head}  events {e['surfaced']}/{e['total']} ({e['within60s']} within 60 s, missed {e['missed']})  phases {p['surfaced']}/{p['total']} precision {p['precision']}")
        for key, value in (("changes", d["changes"]), ("pages", d["pages"]), ("events", e["total"]), ("named", e["surfaced"]), ("within", e["within60s"]), ("phases", p["total"]), ("surfaced", p["surfaced"])):
            total[key] += value
    elif "transitions" in d:
        print(f"{head}  transitions {d['transitions']}")
    else:
        print(f"{head}  grouping accuracy {d['groupingAccuracy']}")
    if d.get("problems"): print("   problems:", d["problems"])
print("ait together:", total)
P
