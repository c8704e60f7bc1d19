#!/bin/sh
# Posts Icinga 2's event stream, read from standard input, to the pipeline: each line one event, as it is.
#
#   curl -sSN ... https://icinga:5665/v1/events ... | forward-events.sh     (the whole command is in README.md)
#
# An event that is not taken is tried again until it is, so that none is lost while the pipeline restarts; one that the pipeline calls
# wrong (4xx) is named on standard error and passed over. Exit status: 0 when the stream ends, 2 wrong usage.
#
# Settings come from the environment, or from /etc/icinga2-pipeline.conf (or the file in PIPELINE_CONF) as shell assignments:
#   PIPELINE_URL      where to post            http://127.0.0.1:8080
#   PIPELINE_TOKEN    bearer token, if asked for
#   PIPELINE_TIMEOUT  seconds for one attempt  5

conf=${PIPELINE_CONF:-/etc/icinga2-pipeline.conf}
# shellcheck disable=SC1090
[ -r "$conf" ] && . "$conf"
url=${PIPELINE_URL:-http://127.0.0.1:8080}
timeout=${PIPELINE_TIMEOUT:-5}

if [ $# -ne 0 ]; then
    echo "usage: ... | $0" >&2
    exit 2
fi

# Address and token go in by a file descriptor, so that the process list does not show them.
authorization=
[ -n "${PIPELINE_TOKEN:-}" ] && authorization="header = \"Authorization: Bearer $PIPELINE_TOKEN\""

post() {
    printf '%s' "$1" | curl --config /dev/fd/3 --silent --show-error --max-time "$timeout" \
        --header 'Content-Type: application/json' --data-binary @- --write-out '\n%{http_code}' 2>&1 3<<EOF
url = "${url%/}/ingest/icinga2"
$authorization
EOF
}

while IFS= read -r event || [ -n "$event" ]; do
    [ -n "$event" ] || continue
    wait=1
    while :; do
        answer=$(post "$event")
        case ${answer##*
} in
            2??) break ;;
            408 | 429) ;;
            4??) echo "$0: not taken: $answer" >&2; break ;;
        esac
        echo "$0: not taken yet, again in $wait s: $answer" >&2
        sleep "$wait"
        [ "$wait" -ge 30 ] || wait=$((wait * 2))
    done
done
