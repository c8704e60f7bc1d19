-- wrk: POST /api/v2/alerts with ALERTS alerts of about 600 bytes a body, over IDENTITIES identities, re-sent round and round.
-- SCOPES: the bodies' alerts name so many clusters in turn, one a body.
local size = tonumber(os.getenv("ALERTS") or "1")
local scopes = tonumber(os.getenv("SCOPES") or "") or 1
local identities = tonumber(os.getenv("IDENTITIES") or "10000")
local filler = string.rep("the node has not answered its health check for some time; ", 4)

local function alert(i, scope)
  return string.format(
    '{"labels":{"alertname":"NodeUnreachable","instance":"node-%06d.eu-1.example:9100","job":"node","severity":"critical","cluster":"eu-%d"},' ..
    '"annotations":{"summary":"node-%06d does not answer","description":"%s"},' ..
    '"startsAt":"%s","endsAt":"%s","generatorURL":"http://prometheus.example:9090/graph?g0.expr=up%%3D%%3D0&g0.tab=1"}',
    i, scope, i, filler, os.getenv("STARTS"), os.getenv("ENDS"))
end

local bodies = math.min(2000, math.ceil(identities / size))
local requests, at = {}, 0

function init()
  wrk.method = "POST"
  wrk.path = "/api/v2/alerts"
  wrk.headers["Content-Type"] = "application/json"
  local n = 0
  for b = 1, bodies do
    local alerts = {}
    for a = 1, size do
      alerts[a] = alert(n % identities, b % scopes + 1)
      n = n + 1
    end
    requests[b] = wrk.format(nil, nil, nil, "[" .. table.concat(alerts, ",") .. "]")
  end
end

function request()
  at = at % bodies + 1
  return requests[at]
end

function done(summary, latency)
  local bad = summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.connect
  io.write(string.format("RESULT %d %d %.3f %d\n", summary.requests, bad, summary.duration / 1e6, latency:percentile(99)))
end
