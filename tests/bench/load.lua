-- The load: ENDPOINT (get, list, post) on a stack whose folder MATERIAL holds tokens.txt, ids.txt and cursors.txt.
-- Requests are prepared once; a post takes the next pair of person and program, from START on.
local material = os.getenv("MATERIAL")
local endpoint = os.getenv("ENDPOINT")
local start = tonumber(os.getenv("START") or "0")
local join_path, join_body, cursor_name = os.getenv("JOIN_PATH"), os.getenv("JOIN_BODY"), os.getenv("CURSOR_NAME")

local function lines(name)
  local all = {}
  for line in io.lines(material .. "/" .. name) do all[#all + 1] = line end
  return all
end
local tokens, ids, cursors = lines("tokens.txt"), lines("ids.txt"), lines("cursors.txt")
local requests, count, at = {}, 0, 0

local function headers(k, more)
  local all = { ["Authorization"] = "Bearer " .. tokens[(k - 1) % #tokens + 1] }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function prepare_get()
  count = 4000
  for k = 1, count do
    requests[k] = wrk.format("GET", "/v1/programs/" .. ids[math.random(#ids)], headers(k))
  end
end

local function prepare_list()
  count = 1000
  for k = 1, count do
    local path = "/v1/programs?limit=50"
    if k % 2 == 0 then path = path .. "&" .. cursor_name .. "=" .. cursors[math.random(#cursors)] end
    requests[k] = wrk.format("GET", path, headers(k))
  end
end

local function prepare_post()
  count = #tokens
  for k = 1, count do
    local path = "/v1/programs/@@/" .. join_path
    local request = wrk.format("POST", path, headers(k, { ["Content-Type"] = "application/json" }), join_body)
    local from, to = request:find("@@", 1, true)
    requests[k] = { request:sub(1, from - 1), request:sub(to + 1) }
  end
  at = start
end

function init()
  math.randomseed(7)
  if endpoint == "get" then prepare_get() elseif endpoint == "list" then prepare_list() else prepare_post() end
end

if endpoint == "post" then
  function request()
    local person, turn = at % count, math.floor(at / count)
    at = at + 1
    local parts = requests[person + 1]
    return parts[1] .. ids[(person * 20 + turn) % #ids + 1] .. parts[2]
  end
else
  function request()
    at = at % count + 1
    return requests[at]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"duration_us":%d,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    latency:percentile(99.9), latency.max, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
