import {defineConfig} from 'vitest/config'

/** Long trials of whole systems, one after the other: `npm test -- --config vitest.soak.config.ts`. */
export default defineConfig({
	test: {
		include: ['test/soak/**/*.test.ts'],
		disableConsoleIntercept: true,
		testTimeout: 30_000,
		hookTimeout: 60_000,
		pool: 'forks',
		maxWorkers: 1,
	},
})
