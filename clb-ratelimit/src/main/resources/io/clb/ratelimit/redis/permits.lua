-- Grants permits from buckets, by the rules of io.clb.spi.PermitBuckets.
--
-- KEYS: a sorted set for each bucket. ARGV: the node, when it sent this (microseconds), N, the interval, the lease; then
-- what is wanted of each bucket (nanoseconds of the total). Returns the time, and what is granted; the time alone if refused.
--
-- In a sorted set: 'in:NODE' is when its deposit ends; 'hungry:NODE' is minus when it last asked for more than it was
-- granted; 'at' is when the bucket was asked last, and 'level' what was left in it then.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local node = ARGV[1]
local sent, nodes = tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
local answer = {now}
if sent > now or now - sent > math.floor(interval / 2) then
  return answer
end
local turn = interval / 4
for i, key in ipairs(KEYS) do
  local want = tonumber(ARGV[5 + i])
  local level = tonumber(redis.call('ZSCORE', key, 'level') or 0)
  local at = redis.call('ZSCORE', key, 'at')
  if at then
    local live = redis.call('ZCOUNT', key, now + 1, now + lease)
    local part = 31 / 32 * math.min(1, live / math.max(1, nodes - 1))
    level = math.min(interval * 1000 / 2, level + math.max(0, now - at) * 1000 * part)
  end
  -- deposits that are over, hunger of long ago, 'at' and 'level'
  redis.call('ZREMRANGEBYSCORE', key, '(' .. string.format('%.0f', 2 * interval - now), now)
  local hungry = redis.call('ZCOUNT', key, '-inf', -1)
  local last = redis.call('ZSCORE', key, 'hungry:' .. node)
  local since = turn
  if not last then
    hungry = hungry + 1
  elseif now + last >= 0 then
    since = now + last
  end
  local granted = math.floor(math.min(want, level * math.min(1, since / (hungry * turn))))
  redis.call('ZADD', key, sent + lease, 'in:' .. node, now, 'at', level - granted, 'level')
  if granted < want then
    redis.call('ZADD', key, -now, 'hungry:' .. node)
  elseif last then
    redis.call('ZREM', key, 'hungry:' .. node)
  end
  redis.call('PEXPIRE', key, 1000 + math.ceil(2 * lease / 1000))
  answer[1 + i] = granted
end
return answer
