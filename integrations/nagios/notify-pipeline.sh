#!/bin/sh
# Posts one Nagios notification to the pipeline. Called by the commands in pipeline-commands.cfg:
#
#   notify-pipeline.sh type=... host=... service=... state=... output=...   (each argument one field, name=value)
#
# Fields with an empty value, or with a macro that Nagios left as it was ($...$), are left out.
# Exit status: 0 taken, 1 not taken (Nagios writes it into its log), 2 wrong usage.
#
# Settings come from the environment, or from /etc/nagios-pipeline.conf (or the file in PIPELINE_CONF) as shell assignments:
#   PIPELINE_URL      where to post            http://127.0.0.1:8080
#   PIPELINE_TOKEN    bearer token, if asked for
#   PIPELINE_SERVER   name of this Nagios      the host's name
#   PIPELINE_TIMEOUT  seconds for one attempt  5
#   PIPELINE_RETRIES  attempts after the first 2
# Nagios kills a notification command after notification_timeout (30 s): keep (retries + 1) x timeout below that.

conf=${PIPELINE_CONF:-/etc/nagios-pipeline.conf}
# shellcheck disable=SC1090
[ -r "$conf" ] && . "$conf"
url=${PIPELINE_URL:-http://127.0.0.1:8080}
server=${PIPELINE_SERVER:-$(uname -n)}
timeout=${PIPELINE_TIMEOUT:-5}
retries=${PIPELINE_RETRIES:-2}

if [ $# -eq 0 ]; then
    echo "usage: $0 host=NAME state=STATE [service=NAME] [type=TYPE] [name=value ...]" >&2
    exit 2
fi

# A value as JSON text. It goes into awk by the environment, since -v would take its backslashes for awk's own; awk works on bytes.
json_text() {
    VALUE=$1 LC_ALL=C awk 'BEGIN {
        for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i)
        code["\""] = "\\\""; code["\\"] = "\\\\"
        value = ENVIRON["VALUE"]; text = ""
        for (i = 1; i <= length(value); i++) { c = substr(value, i, 1); text = text ((c in code) ? code[c] : c) }
        printf "\"%s\"", text
    }'
}

# Plugins write in any encoding; JSON is UTF-8. What is not UTF-8 is left out rather than losing the alert.
utf8_only() {
    if command -v iconv >/dev/null 2>&1; then iconv -c -f UTF-8 -t UTF-8 2>/dev/null; else cat; fi
}

body="{\"monitoring_server\":$(json_text "$server")"
for field in "$@"; do
    case $field in
        [a-z]*=*) ;;
        *) echo "$0: \"$field\" is not name=value" >&2; exit 2 ;;
    esac
    name=${field%%=*}
    value=${field#*=}
    case $name in *[!a-z_]*) echo "$0: \"$name\" is not a field name; write lower-case letters" >&2; exit 2 ;; esac
    case $value in '' | '$'*'$') continue ;; esac
    body="$body,\"$name\":$(json_text "$value")"
done
body="$body}"

# Address and token go in by a file descriptor, so that the process list does not show them.
authorization=
[ -n "${PIPELINE_TOKEN:-}" ] && authorization="header = \"Authorization: Bearer $PIPELINE_TOKEN\""
attempt=0
while :; do
    answer=$(printf '%s' "$body" | utf8_only | curl --config /dev/fd/3 --silent --show-error --max-time "$timeout" \
        --header 'Content-Type: application/json' --data-binary @- --write-out '\n%{http_code}' 2>&1 3<<EOF
url = "${url%/}/ingest/nagios"
$authorization
EOF
    )
    status=${answer##*
}
    case $status in
        2??) exit 0 ;;
        # Told that it is wrong: sending it again changes nothing.
        4??) [ "$status" = 408 ] || [ "$status" = 429 ] || break ;;
    esac
    [ "$attempt" -ge "$retries" ] && break
    attempt=$((attempt + 1))
    sleep "$attempt"
done
echo "$0: not taken: $answer" >&2
exit 1
