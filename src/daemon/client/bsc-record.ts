import {z} from 'zod'
import {BSC_STATES} from '../../engine/contracts/streams/risk.js'
import {WATCH_SILENCE_MS} from '../../engine/logic/watch-silence.js'

const rule = z.object({rule: z.string(), broken: z.boolean(), used: z.string(), limit: z.string()})
export type BscRule = z.output<typeof rule>

const record = z.object({
	state: z.enum(BSC_STATES),
	/** What is broken; NONE where every rule holds. */
	rule: z.string(),
	used: z.string(),
	limit: z.string(),
	/** Venue time, ms. */
	since_ms: z.coerce.number(),
	/** Where every rule stands, in the order of precedence. */
	rules: z.string().transform(text => z.array(rule).parse(JSON.parse(text))),
	/** Machine time at which it last looked, ms. */
	machine_ms: z.coerce.number(),
})
export type BscRecord = z.output<typeof record>

/** From the fields of the key; undefined when nobody has written it yet. */
export const bscRecordOf = (fields: Readonly<Record<string, string>>): BscRecord | undefined =>
	fields.state === undefined ? undefined : record.parse(fields)

type Fields = Readonly<Record<string, string>>

/** What the independent guards have against arming; empty when both look and nothing is broken. */
export const guardsAgainst = (bsc: Fields, essWatch: Fields, now_ms: number): readonly string[] => {
	const silent = ({machine_ms}: Fields): string | undefined => {
		if (machine_ms === undefined) return 'has not looked yet'
		const age_ms = now_ms - Number(machine_ms)
		return age_ms > WATCH_SILENCE_MS.guard ? `has been silent for ${Math.round(age_ms / 1_000)} s` : undefined
	}
	const [bscSilent, watchSilent] = [silent(bsc), silent(essWatch)]
	const broken = bsc.state !== undefined && bsc.state !== 'NORMAL'
	return [
		...(bscSilent === undefined ? [] : [`the Baseline Safety Controller ${bscSilent}`]),
		...(broken ? [`the Baseline Safety Controller is ${bsc.state}: ${bsc.rule} at ${bsc.used} of ${bsc.limit}`] : []),
		...(watchSilent === undefined ? [] : [`the watch over the ESS ${watchSilent}`]),
	]
}
