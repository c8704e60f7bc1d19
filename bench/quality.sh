#!/usr/bin/env bash
# Scores the default rules on the shared, labelled material with evaluate.py: ait (four sets), rca (two, each with and without topology), upptime (two), loghub (four), nab.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
shared=${PIPELINE_SHARED:-$root/../shared}
need python3 python3
"$root/pipeline" --version >/dev/null
score() { # KIND NAME FILE [OPTION...]
    kind=$1 name=$2 file=$3; shift 3
    python3 "$shared/tools/evaluate.py" convert "$kind" "$file" >"$work/in.jsonl"
    rm -rf "$work/out"
    "$root/pipeline" replay "$work/in.jsonl" "$@" --out "$work/out" --json >/dev/null 2>&1
    python3 "$shared/tools/evaluate.py" score "$kind" "$file" "$work/out" >"$work/$kind-$name.json"
}
for set in russellmitchell shaw wardbeck wheeler; do score ait $set "$shared/data/streams/ait-ads/$set.csv.gz"; done
for set in curc manticore; do score upptime $set "$shared/data/streams/upptime/$set.observations.csv.gz"; done
for set in BGL HDFS OpenStack Zookeeper; do score loghub $set "$shared/data/streams/loghub/${set}_2k.log_structured.csv.gz"; done
python3 - "$shared/data/streams/rca/ob1.topology.json" >"$work/topology.yaml" <<'P'
import json, sys
graph = json.load(open(sys.argv[1]))
needs = {}
for edge in graph["edges"]: needs.setdefault(edge["source"], []).append(edge["target"])
print("components:")
for node in graph["nodes"]:
    level = "host" if node["type"] in ("Host", "Service_Instance", "Cache_Instance") else "service"
    print(f"- {{name: {json.dumps(node['id'])}, level: {level}, dependsOn: {json.dumps(needs.get(node['id'], []))}}}")
P
for set in ob1.alerts overlay_ob1; do
    score rca $set "$shared/data/streams/rca/$set.csv.gz"
    score rca $set-topology "$shared/data/streams/rca/$set.csv.gz" --topology "$work/topology.yaml"
done
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
    elif "grouping" in d:
        print(f"{head}  grouping {d['grouping']}")
    else:
        print(f"{head}  grouping accuracy {d['groupingAccuracy']}")
    if d.get("problems"): print("   problems:", d["problems"])
print("ait together:", total)
P
python3 "$root/bench/nab.py" "$shared/data/streams/nab" "$root/pipeline"
