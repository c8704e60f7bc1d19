#!/usr/bin/env python3
"""nab.py NAB_FOLDER PIPELINE: each metric as one alert that fires throughout, its value the metric's; what was said of it, inside the labelled windows and outside."""
import collections, csv, datetime, glob, gzip, json, os, subprocess, sys, tempfile
folder, pipeline = sys.argv[1:]
at = lambda text: datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
windows = {k.replace("/", "__").removesuffix(".csv"): [(at(a), at(b)) for a, b in v] for k, v in json.load(open(f"{folder}/windows.json")).items()}
total = collections.Counter()
for path in sorted(glob.glob(f"{folder}/*.csv.gz")):
    name = os.path.basename(path).removesuffix(".csv.gz")
    rows = [(at(r["timestamp"]), float(r["value"])) for r in csv.DictReader(gzip.open(path, "rt"))]
    with tempfile.TemporaryDirectory() as work:
        with open(f"{work}/in.jsonl", "w") as f:
            for t, value in rows:
                f.write(json.dumps({"receivedAt": t.isoformat().replace("+00:00", "Z"), "source": "generic", "body": {"labels": {"alertname": "Metric", "host": name}, "severity": "warning", "value": value}}) + "\n")
        subprocess.run([pipeline, "replay", f"{work}/in.jsonl", "--out", f"{work}/out", "--json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        said = [json.loads(line) for line in open(f"{work}/out/changes.jsonl")]
        pages = sum(1 for _ in open(f"{work}/out/pages.jsonl"))
    days = (rows[-1][0] - rows[0][0]).total_seconds() / 86400
    hit, false = collections.defaultdict(set), collections.Counter()
    for change in said:
        if change["reason"] not in ("creeping", "rate-shift"): continue
        inside = [w for w in windows[name] if w[0] <= datetime.datetime.fromisoformat(change["at"].replace("Z", "+00:00")) <= w[1]]
        if inside: hit[inside[0]].add(change["reason"])
        else: false[change["reason"]] += 1
    print(f"{name:60} windows {len(hit)}/{len(windows[name])}  false {dict(false)}  in {days:.0f} days, {pages} pages")
    total.update({"windows": len(windows[name]), "hit": len(hit), "creeping": sum("creeping" in h for h in hit.values()), "days": days, "pages": pages, **{f"false {k}": v for k, v in false.items()}})
false = sum(v for k, v in total.items() if k.startswith("false"))
print(f"together: {total['hit']} of {total['windows']} windows, {total['creeping']} of them creeping; false: {false} in {total['days']:.0f} days of series, {false / total['days']:.3f} a day a series; {total['pages']} pages")
