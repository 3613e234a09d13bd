import {defineConfig} from 'vitest/config'

/** Folders whose files leave process and modules as they found them. A new folder is not among them before it is known. */
const sharing = ['daemon', 'engine', 'house', 'paper-exchange', 'recording', 'support', 'tui'].map(
	folder => `test/${folder}/**/*.test.{ts,tsx}`,
)

export default defineConfig({
	test: {
		disableConsoleIntercept: true,
		testTimeout: 30_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 2,
		// Tests with real processes meet a machine that is sometimes busy with others: the report names what passed second.
		retry: Number(process.env.QT_TEST_RETRY ?? 0),
		// Projects run in the order of their names: the long files begin, the many short ones fill both workers to the end.
		projects: [
			{
				extends: true,
				test: {name: 'long', include: ['test/**/*.test.{ts,tsx}'], exclude: [...sharing, 'test/soak/**']},
			},
			{
				extends: true,
				// One process for many files loads the engine once and not a hundred times.
				test: {name: 'short', include: sharing, isolate: false},
			},
		],
	},
})
