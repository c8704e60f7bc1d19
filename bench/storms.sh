#!/usr/bin/env bash
# Seeded, labelled storms (bench/Bench/Storms) through ./pipeline replay under the default rules: what of the news was named, how soon, in how many pages, and how
# much of what was surfaced was news. SEEDS=21-60 for others; STORMS=DIR keeps the files; options (--json, --all) go to the score. Fails where news was missed.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$root/bench/common.sh"
. "$root/.ci/build.sh"
find_dotnet
seeds=${SEEDS:-1-20}
folder=${STORMS:-$work}
lock_build
build bench/Bench
unlock_build
"$root/pipeline" --version >/dev/null
bench() { "$dotnet" "$root/bench/Bench/bin/Release/net10.0/Bench.dll" storms "$@"; }
bench write "$folder" --seeds "$seeds"
for file in "$folder"/storm-*.jsonl; do
    storm=${file%.jsonl}
    rm -rf "$storm"
    topology=()
    [ ! -e "$storm.topology.yaml" ] || topology=(--topology "$storm.topology.yaml")
    "$root/pipeline" replay "$file" "${topology[@]}" --labels "$storm.labels.json" --out "$storm" --json >"$storm.summary" 2>/dev/null
done
bench score "$folder" --seeds "$seeds" "$@"
