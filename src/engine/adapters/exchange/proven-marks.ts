import {readFileSync} from 'node:fs'
import {z} from 'zod'
import {replaceDurably} from './arm-file.js'

/** So many proofs, a minute of the machine's time apart, are behind the newest: by then what they told is in the journal. */
const MARKS = 5

const content = z.object({proven_ms: z.array(z.number().int().nonnegative()).min(1)})

/**
 * Up to when fills and income of the account are known to have been told, on disk: from there they are read again when
 * Redis has lost where the feed stood. What is told twice is booked once.
 */
export class ProvenMarks {
	constructor(private readonly file: string) {}

	/** Venue time from which to read again, ms; undefined where nothing was ever proven, or the file is damaged. */
	get since_ms(): number | undefined {
		return this.#marks[0]
	}

	/** @throws the system's error; the file stands as it was then, and since_ms lies further back */
	add(venue_ms: number): void {
		const proven_ms = [...this.#marks, venue_ms].slice(-MARKS)
		replaceDurably(this.file, `${JSON.stringify({proven_ms})}\n`)
	}

	get #marks(): readonly number[] {
		try {
			return content.parse(JSON.parse(readFileSync(this.file, 'utf8'))).proven_ms
		} catch {
			return []
		}
	}
}
