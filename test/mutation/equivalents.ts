/** A change that no caller can see, with the reason. One that is found after all, or is no mutant any more, is an error. */
export type Equivalent = Readonly<{file: string; text: string; change: string; reason: string}>

const admission = 'src/engine/scripts/admission.lua'
const commit = 'src/engine/adapters/redis/commit.lua'
const lease = 'src/engine/adapters/redis/lease.lua'
const trim = 'src/engine/adapters/redis/trim.lua'
const quiet = 'src/engine/adapters/redis/quiet.lua'
const survey = 'src/engine/adapters/redis/survey.lua'
const settle = 'src/engine/scripts/settle.lua'
const takePermit = 'src/engine/scripts/take-permit.lua'

export const equivalents: readonly Equivalent[] = [
	{
		file: admission,
		text: "if (amount > 0) == (arg.side == 'BUY') then return 'EXIT_INCREASES', amount, arg.side end",
		change: '> to >=',
		reason: 'a position of 0 was refused before',
	},
	{
		file: admission,
		text: "if (amount > 0) ~= (arg.side == 'BUY') then return 'ADD_REDUCES', amount, arg.side end",
		change: '> to >=',
		reason: 'a position of 0 was refused before',
	},
	{
		file: settle,
		text: "if next_plan == '' and next_open < (tonumber(arg.dust_micro) or 0) then next_open = 0 end",
		change: '0 to 1',
		reason: 'what is open is a whole number: below 1 it is 0 already',
	},
	{
		file: takePermit,
		text: "if arg.class ~= 'PROTECT' and (tonumber(permit[5]) or 0) < tonumber(arg.now_ms) then return refused('PERMIT_EXPIRED') end",
		change: '0 to 1',
		reason: 'no deadline is long past, be it 0 or 1 ms after 1970',
	},
	{
		file: 'src/engine/adapters/redis/read.lua',
		text: 'if not found then return false end',
		change: 'false to true',
		reason: 'the reader takes only a text for entries',
	},
	{
		file: commit,
		text: "if #redis.call('XPENDING', stream, group, words[n], words[n], 1, consumer) == 0 then return {'not-owner'} end",
		change: '1 to 2',
		reason: 'from an id to itself there is one entry at most',
	},
	{
		file: commit,
		text: "if word == nil then error('the script gave no value for ' .. string.sub(words[i], 2)) end",
		change: '2 to 3',
		reason: 'the contract is checked before: nobody comes here, and it is a word of the message',
	},
	{
		file: 'src/engine/adapters/redis/recount.lua',
		text: 'for i = 1, #row, 2 do group[row[i]] = row[i + 1] end',
		change: '2 to 3',
		reason: 'of a group in the order of XINFO, name and last-delivered-id are the first and the seventh word',
	},
	{
		file: commit,
		text: 'local found = false',
		change: 'false to true',
		reason: 'every outcome has a branch: the call is checked before it is sent',
	},
	{
		file: commit,
		text: 'if length > 0 then',
		change: '> to >=',
		reason: 'no command is without words',
	},
	{
		file: commit,
		text: 'if length > 0 then',
		change: '0 to 1',
		reason: 'every command has a key beside its name',
	},
	{
		file: lease,
		text: "if #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end",
		change: '0 to 1',
		reason: 'fields come with their values: never one alone',
	},
	{
		file: trim,
		text: "local next_one = redis.call('XRANGE', stream, '(' .. group['last-delivered-id'], '+', 'COUNT', 1)[1]",
		change: '1 to 2',
		reason: 'only the first is looked at',
	},
	{
		file: trim,
		text: "removed = redis.call('XTRIM', stream, 'MAXLEN', '~', keep, 'LIMIT', length - keep)",
		change: '- to +',
		reason: 'MAXLEN itself leaves as many as are kept',
	},
	{
		file: trim,
		text: 'if excess <= 0 then return removed end',
		change: '<= to <',
		reason: 'before the first entry there is nothing to remove',
	},
	{
		file: trim,
		text: 'local FEW = 256',
		change: '256 to 257',
		reason: 'a bound of work: nodes of the stream hold fewer, and whole ones are gone by then',
	},
	{
		file: quiet,
		text: 'known[#known + 1] = KEYS[index]',
		change: '+ to -',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'known[#known + 1] = KEYS[index]',
		change: '1 to 2',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: "if #known > 0 and redis.call('EXISTS', unpack(known)) == #known then",
		change: '0 to 1',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'for _, stream in ipairs(known) do unchanged[stream] = true end',
		change: 'true to false',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'done[#done + 1] = index',
		change: '+ to -',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'done[#done + 1] = index',
		change: '1 to 2',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'done[#done + 1] = id',
		change: '+ to -',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: 'done[#done + 1] = id',
		change: '1 to 2',
		reason: 'it forgets what was done, and so looks at it again: slower, and the same answer',
	},
	{
		file: quiet,
		text: "local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]",
		change: '1 to 2',
		reason: 'only the first is looked at',
	},
	{
		file: quiet,
		text: "for _, row in ipairs(redis.call('XREAD', 'COUNT', 1, 'STREAMS', unpack(words)) or {}) do unchanged[row[1]] = nil end",
		change: '1 to 2',
		reason: 'that there is one is all that is looked at',
	},
	{
		file: quiet,
		text: 'for index = stream_count + 2 * effect_count + 1, #KEYS do',
		change: '+ to -, 2',
		reason: 'what stands before the snapshots are hashes without an amount',
	},
	{
		file: survey,
		text: 'local ids, bytes, page, whole = {}, 0, 1, newest == false',
		change: 'false to true',
		reason: 'nothing is counted of a stream that is empty',
	},
	{
		file: survey,
		text: "next_one = id_of(redis.call('XRANGE', stream, '(' .. delivered, '+', 'COUNT', 1)[1])",
		change: '1 to 2',
		reason: 'only the first is looked at',
	},
	{
		file: survey,
		text: "if group.pending > 0 then oldest = redis.call('XPENDING', stream, name, '-', '+', 1)[1] or false end",
		change: '> to >=',
		reason: 'of no pending entries the oldest is none',
	},
	{
		file: survey,
		text: "if group.pending > 0 then oldest = redis.call('XPENDING', stream, name, '-', '+', 1)[1] or false end",
		change: '1 to 2',
		reason: 'only the first is looked at',
	},
	{
		file: survey,
		text: "if group.pending > 0 then oldest = redis.call('XPENDING', stream, name, '-', '+', 1)[1] or false end",
		change: 'false to true',
		reason: 'where entries are pending there is an oldest',
	},
	...['math.floor to math.ceil', '1 to 2'].map(change => ({
		file: survey,
		text: 'local middle = math.floor((low + high + 1) / 2)',
		change,
		reason: 'any place above the lower end and up to the upper one halves what is left',
	})),
	{
		file: survey,
		text: "'stream', time[1] * 1000 + math.floor(time[2] / 1000), info.length, info['entries-added'] or false, first, newest,",
		change: 'false to true',
		reason: 'the server says how many were added since 7.0, which is the oldest that is taken',
	},
	...['+ to -', 'without XTRIM', '0 to 1'].map(change => ({
		file: trim,
		text: "return removed + redis.call('XTRIM', stream, 'MAXLEN', '=', 0)",
		change,
		reason: 'of a stream of which nothing is kept, whole nodes are all there is: the server has left none',
	})),
	...['math.min to math.max', '1 to 2'].map(change => ({
		file: trim,
		text: "local ids = redis.call('XRANGE', stream, '-', '+', 'COUNT', math.min(excess, FEW) + 1)",
		change,
		reason: 'more are read than are looked at',
	})),
]

/** The entry of the list that is about this mutant. */
export const listedAs = ({file, text, change}: Omit<Equivalent, 'reason'>): Equivalent | undefined =>
	equivalents.find(one => one.file === file && one.text === text && one.change === change)
