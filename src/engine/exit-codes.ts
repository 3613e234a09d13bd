/** What a `qt` process says with its exit code; the same with and without `--json`. */
export const EXIT_CODES = {
	ok: 0,
	failure: 1,
	usage: 2,
	drift: 3,
	needs_input: 4,
	unreachable: 5,
	refused: 6,
	interrupted: 130,
} as const

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]
