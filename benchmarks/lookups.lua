-- For wrk: asks look-ups from a file of paths, one a line, in an order drawn by lot, and prints figures as JSON.
-- Arguments: the file, the Accept header, a seed.

local paths = {}

function init(args)
  for line in io.lines(args[1]) do
    paths[#paths + 1] = wrk.format("GET", line, { ["Accept"] = args[2], ["Host"] = wrk.host })
  end
  math.randomseed(tonumber(args[3]))
end

function request()
  return paths[math.random(#paths)]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50": %.3f, "p95": %.3f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
