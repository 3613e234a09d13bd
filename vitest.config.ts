import {defineConfig} from 'vitest/config'

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
		disableConsoleIntercept: true,
		testTimeout: 30_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 2,
		// Tests with real processes meet a machine that is sometimes busy with others: the report names what passed second.
		retry: Number(process.env.QT_TEST_RETRY ?? 0),
	},
})
