#!/usr/bin/env bash
# ait: the rules that three scenarios would have chosen, on the fourth. Chosen: all events within 60 s before all else, then most phases, then fewest changes.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
shared=${PIPELINE_SHARED:-$root/../shared}
need python3 python3
"$root/pipeline" --version >/dev/null
python3 - "$root" "$shared" "$work" <<'P'
import importlib.util, itertools, json, os, subprocess, sys
root, shared, work = sys.argv[1:]
spec = importlib.util.spec_from_file_location("evaluate", f"{shared}/tools/evaluate.py")
evaluate = importlib.util.module_from_spec(spec); spec.loader.exec_module(evaluate)
sets = ["russellmitchell", "shaw", "wardbeck", "wheeler"]
points = list(itertools.product(("2h", "4h", "6h", "8h"), ("12h", "1d", "2d")))
default = ("4h", "1d")
IDLE = ("false_positive", "-")

def named(changes, material):
    found = {}
    for which, kind in ((0, "phases"), (1, "events")):
        first, seen = {}, {}
        for t, _, _, label in material:
            if label[which] not in IDLE: first.setdefault(label[which], t)
        hits = 0
        for c in changes:
            if c.get("line") is None: continue
            label = material[c["line"] - 1][3][which]
            if label in IDLE: continue
            hits += 1
            seen.setdefault(label, evaluate.epoch(c["at"]) - first[label])
        found[kind] = (sum(d <= 60 for d in seen.values()) if which else len(seen), len(first))
    return found["events"], found["phases"], len(changes)

scores = {}
for name in sets:
    material = list(evaluate.ait(f"{shared}/data/streams/ait-ads/{name}.csv.gz"))
    replay = os.path.join(work, "in.jsonl")
    with open(replay, "w") as f:
        for t, source, body, _ in material:
            f.write(json.dumps({"receivedAt": evaluate.rfc3339(t), "source": source, "body": body}, separators=(",", ":")) + "\n")
    for point in points:
        rules = os.path.join(work, "rules.yaml")
        open(rules, "w").write("surface:\n  return: %s\n  returnMost: %s\n" % point)
        out = os.path.join(work, "out")
        subprocess.run(["rm", "-rf", out])
        subprocess.run([f"{root}/pipeline", "replay", replay, "--rules", rules, "--out", out, "--json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        changes = [json.loads(line) for line in open(f"{out}/changes.jsonl")]
        pages = sum(1 for _ in open(f"{out}/pages.jsonl"))
        scores[name, point] = named(changes, material) + (pages,)
def total(names, point):
    e, ee, p, pp, c, g = 0, 0, 0, 0, 0, 0
    for name in names:
        (a, b), (x, y), changes, pages = scores[name, point]
        e, ee, p, pp, c, g = e + a, ee + b, p + x, pp + y, c + changes, g + pages
    return e, ee, p, pp, c, g
print("all four, each setting of surface.return and surface.returnMost:")
for point in points:
    e, ee, p, pp, c, g = total(sets, point)
    print(f"  {point[0]:>3} {point[1]:>4}  events {e}/{ee}  phases {p}/{pp}  changes {c:5}  pages {g:4}{'  (the defaults)' if point == default else ''}")
print("left out, what the other three choose, and what it does on the one left out (in brackets: the defaults on it):")
sums = [0] * 6
for name in sets:
    best = min(points, key=lambda q: (-total([s for s in sets if s != name], q)[0], -total([s for s in sets if s != name], q)[2], total([s for s in sets if s != name], q)[4]))
    r, d = total([name], best), total([name], default)
    sums = [a + b for a, b in zip(sums, r)]
    print(f"  {name:16} {best[0]:>3} {best[1]:>4}  events {r[0]}/{r[1]} ({d[0]})  phases {r[2]}/{r[3]} ({d[2]})  changes {r[4]} ({d[4]})  pages {r[5]} ({d[5]})")
print(f"  together: events {sums[0]}/{sums[1]}  phases {sums[2]}/{sums[3]}  changes {sums[4]}  pages {sums[5]}")
P
