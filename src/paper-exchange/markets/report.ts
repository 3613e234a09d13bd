/**
 * Compares the synthetic market with recorded data and writes the figures as a page:
 * `node dist/paper-exchange/markets/report.js --data <1-minute candles> [--hourly <1-hour candles>] [--funding <rates>]
 * [--tape <file>] [--live] --out docs/market-statistics.md`
 */
import {writeFile} from 'node:fs/promises'
import {parseArgs} from 'node:util'
import {messageOf} from '../unusable.js'
import {
	compareCandles,
	compareFunding,
	compareHours,
	compareLive,
	compareTape,
	type Seeded,
} from './statistics-compare.js'
import {syntheticBars} from './statistics-source.js'
import {type ComparedRow, judge, renderTable} from './statistics-table.js'

const USAGE =
	'usage: report --data <dir> [--hourly <dir>] [--funding <dir>] [--tape <file>] [--live] [--out <file>] [--days 30] [--seeds 1,2,3]'

type Section = Readonly<{title: string; text: string; rows: readonly ComparedRow[]}>

async function main(): Promise<void> {
	const {values} = parseArgs({
		options: {
			data: {type: 'string'},
			hourly: {type: 'string'},
			funding: {type: 'string'},
			tape: {type: 'string'},
			live: {type: 'boolean', default: false},
			out: {type: 'string'},
			days: {type: 'string', default: '30'},
			seeds: {type: 'string', default: '1,2,3,4,5,6,7,8,9'},
		},
	})
	if (values.data === undefined) throw new Error(USAGE)
	const seeds = values.seeds.split(',').map(Number)
	const days = Number(values.days)
	const seeded: Seeded = {seeds, days, runs: seeds.map(seed => syntheticBars(seed, days))}
	const sections: Section[] = [await compareCandles(values.data, seeded)]
	if (values.live) sections.push(await compareLive(values.data, seeded))
	if (values.hourly !== undefined) sections.push(await compareHours(values.hourly, seeded))
	if (values.funding !== undefined) sections.push(await compareFunding(values.funding, seeded))
	if (values.tape !== undefined) sections.push(await compareTape(values.tape, seeded))
	const page = renderPage(sections)
	if (values.out === undefined) process.stdout.write(page)
	else await writeFile(values.out, page)
	const outside = sections.flatMap(section => section.rows).filter(row => !judge(row).inside)
	process.stderr.write(
		`${outside.length} figures outside the recorded range: ${outside.map(row => row.name).join('; ')}\n`,
	)
}

function renderPage(sections: readonly Section[]): string {
	const parts = [
		'# The synthetic market against recorded ones',
		'Written by `node dist/paper-exchange/markets/report.js`; figures only. A synthetic value is the median of one symbol over the seeds; a row is inside when all eight symbols are.',
		...sections.flatMap(section => [`## ${section.title}`, section.text, renderTable(section.rows)]),
	]
	return `${parts.join('\n\n')}\n`
}

main().catch(error => {
	process.stderr.write(`${messageOf(error)}\n`)
	process.exitCode = 1
})
