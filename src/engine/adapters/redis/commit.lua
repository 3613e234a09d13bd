-- The one atomic step of the runtime: fence, decide, write, acknowledge.
-- A script's own Lua stands before this file and defines decide(key, arg): outcome, reply.
--
-- KEYS  the script's keys in the order of its contract, named by the generated table `key`
-- ARGV  one JSON list of texts: the server takes a list apart faster than the client can send its parts one by one.
--       Its items: lease key or '', generation, number of commits before this one or '' (not counted), number after it,
--       number of acknowledgements, each: stream, group, consumer, count, ids...
--       number of probes, each: a command that fails when the key holds another type, key
--       number of script arguments, values in the order of the contract
--       number of branches, each: outcome, number of words that follow, commands, each: length, words...
--       (a negative length: the command has words to be filled from the reply, marked by a leading NUL)
-- Reply {'fenced'} | {'not-owner'} | {'missed'} | {'decided', outcome, name, value, name, value...}
--
-- A connection that breaks sends the step again: one that was already taken answers as it did then.
-- Nothing is written before everything that can refuse the step has been looked at.

local words, at = cjson.decode(ARGV[1]), 0
local function take()
  at = at + 1
  return words[at]
end

local lease, generation, before, after = take(), take(), take(), take()
if lease ~= '' then
  local held = redis.call('HMGET', lease, 'generation', 'commits')
  if held[1] ~= generation then return {'fenced'} end
  if before ~= '' then
    if held[2] == after then return cjson.decode(redis.call('HGET', lease, 'answer')) end
    if held[2] ~= before then return {'fenced'} end
  end
end

-- The pending entries up to the last one are exactly these, and this consumer's.
local function oldest_are(stream, group, consumer, first, last)
  local count = last - first + 1
  local from = lease == '' and words[first] or '-'
  local held = redis.call('XPENDING', stream, group, from, words[last], count)
  if #held ~= count then return false end
  for i = 1, count do
    if held[i][1] ~= words[first + i - 1] or held[i][2] ~= consumer then return false end
  end
  return true
end

local acknowledgements = {}
for i = 1, tonumber(take()) do
  local stream, group, consumer, count = take(), take(), take(), tonumber(take())
  local first = at + 1
  at = at + count
  if not oldest_are(stream, group, consumer, first, at) then
    for n = first, at do
      if #redis.call('XPENDING', stream, group, words[n], words[n], 1, consumer) == 0 then return {'not-owner'} end
    end
    if lease ~= '' then return {'missed'} end
  end
  acknowledgements[i] = {stream, group, first, at}
end

for _ = 1, tonumber(take()) do
  local probe, name = take(), take()
  local found = redis.pcall(probe, name)
  if type(found) == 'table' and found.err then
    return redis.error_reply('WRONGTYPE ' .. name .. ' holds a ' .. redis.call('TYPE', name).ok ..
      ', which ' .. probe .. ' refuses; remove or rename it')
  end
end

local values = {}
for i = 1, tonumber(take()) do values[i] = take() end
local outcome, reply = decide(key, arguments_of(values))

-- Lua would print large integers as floats, and the server cuts fractions off.
local function text(name, value)
  if type(value) == 'string' then return value end
  if type(value) ~= 'number' or value % 1 ~= 0 or value > 9007199254740991 or value < -9007199254740991 then
    error('the script gave no text or whole number for ' .. name)
  end
  return string.format('%.0f', value)
end
for name, value in pairs(reply) do reply[name] = text(name, value) end

local function filled(first, last)
  local whole = {}
  for i = first, last do
    local word = words[i]
    if string.byte(word, 1) == 0 then
      word = reply[string.sub(word, 2)]
      if word == nil then error('the script gave no value for ' .. string.sub(words[i], 2)) end
    end
    whole[#whole + 1] = word
  end
  return whole
end

local found = false
for _ = 1, tonumber(take()) do
  local wanted, ends = take() == outcome, tonumber(take())
  ends = at + ends
  while wanted and at < ends do
    local length = tonumber(take())
    if length > 0 then
      redis.call(unpack(words, at + 1, at + length))
      at = at + length
    else
      redis.call(unpack(filled(at + 1, at - length)))
      at = at - length
    end
  end
  found = found or wanted
  at = ends
end
if not found then error('no branch for outcome ' .. tostring(outcome)) end

for _, acknowledgement in ipairs(acknowledgements) do
  local stream, group, first, last = unpack(acknowledgement)
  redis.call('XACK', stream, group, unpack(words, first, last))
end

local answer = {'decided', outcome}
for name, value in pairs(reply) do
  answer[#answer + 1] = name
  answer[#answer + 1] = value
end
if before ~= '' then redis.call('HSET', lease, 'commits', after, 'answer', cjson.encode(answer)) end
return answer
