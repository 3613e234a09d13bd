-- What the server knows of one stream, its groups and their consumers, in one cut. Only ids leave the server, never the
-- entries: a stream may hold ten million of them, and one may have a megabyte. What is newest is counted, newest first,
-- until the group furthest behind is reached, or a bound.
--
-- KEYS  stream
-- ARGV  entries counted at most, bytes after which counting ends, the only group wanted or ''
-- Reply {'none'} | {name of the type that the key has instead} |
--       {'stream', server time ms, length, entries ever added or false, first id or false, newest id or false,
--        last generated id, newest id that was deleted or false, groups}
--       A group is {name, last delivered id, entries read or false, lag or false, pending, oldest pending or false,
--       oldest undelivered id or false, entries counted behind it, 1 when these are all, consumers};
--       its oldest pending entry is {id, consumer, idle ms, deliveries}, a consumer is {name, pending, idle ms}.

local stream, count_max, bytes_max, only = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local kind = redis.call('TYPE', stream).ok
if kind ~= 'stream' then return {kind} end

local function fields(row)
  local named = {}
  for i = 1, #row, 2 do named[row[i]] = row[i + 1] end
  return named
end
local function id_of(entry) return entry and entry[1] or false end

local info = fields(redis.call('XINFO', 'STREAM', stream))
local first, newest = id_of(info['first-entry']), id_of(info['last-entry'])

-- The newest ids, as many as were needed so far. Pages grow with what was seen, so that huge entries end it early.
local ids, bytes, page, whole = {}, 0, 1, newest == false
local function further()
  if whole or #ids >= count_max or bytes >= bytes_max then return false end
  local from = #ids == 0 and '+' or '(' .. ids[#ids]
  local count = math.min(page, count_max - #ids)
  local entries = redis.call('XREVRANGE', stream, from, '-', 'COUNT', count)
  for _, entry in ipairs(entries) do
    ids[#ids + 1] = entry[1]
    for _, text in ipairs(entry[2]) do bytes = bytes + #text end
  end
  whole = #entries < count
  page = page * 2
  return true
end

-- How many entries are newer than an id, and whether these are all of them.
local function newer_than(id)
  while #ids == 0 or older(id, ids[#ids]) do
    if not further() then break end
  end
  local low, high = 0, #ids
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if older(id, ids[middle]) then low = middle else high = middle - 1 end
  end
  return low, (whole or low < #ids) and 1 or 0
end

local function group_of(row)
  local group = fields(row)
  local name, delivered = group.name, group['last-delivered-id']
  local oldest, next_one, count, all = false, false, 0, 1
  if group.pending > 0 then oldest = redis.call('XPENDING', stream, name, '-', '+', 1)[1] or false end
  if newest and older(delivered, newest) then
    next_one = id_of(redis.call('XRANGE', stream, '(' .. delivered, '+', 'COUNT', 1)[1])
    count, all = newer_than(delivered)
  end
  local consumers = {}
  for i, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, name)) do
    local of = fields(consumer)
    consumers[i] = {of.name, of.pending, of.idle}
  end
  return {
    name, delivered, group['entries-read'] or false, group.lag or false, group.pending, oldest, next_one, count, all,
    consumers,
  }
end

local groups = {}
for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  if only == '' or fields(row).name == only then groups[#groups + 1] = group_of(row) end
end
local time = redis.call('TIME')
local deleted = info['max-deleted-entry-id']
return {
  'stream', time[1] * 1000 + math.floor(time[2] / 1000), info.length, info['entries-added'] or false, first, newest,
  info['last-generated-id'], deleted ~= '0-0' and deleted or false, groups,
}
