/** Exit codes as in src/engine/exit-codes.ts, which cannot be imported before the first build. */
export const exitCodes = {ok: 0, failure: 1, usage: 2, unreachable: 5}

/** Something the operator can put right: what is wrong, what to do, and the exit code that says so. */
export class BootstrapError extends Error {
	constructor(message, remedy, exitCode = exitCodes.failure) {
		super(message)
		this.remedy = remedy
		this.exitCode = exitCode
	}
}

/** One progress line for people, on stderr: stdout belongs to the program that is started. */
export function say(line) {
	process.stderr.write(`bootstrap: ${line}\n`)
}

/** Says what is done and why, does it, and says how long it took. */
export async function step(what, why, work) {
	say(`${what}: ${why}`)
	const started = performance.now()
	const result = await work()
	say(`${what}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`)
	return result
}
