#!/usr/bin/env node
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

// Whatever the caller's environment says: React's development build grows in a long-running view.
process.env.NODE_ENV = 'production'

if (existsSync(fileURLToPath(new URL('../dist/commands', import.meta.url)))) {
	const {execute} = await import('@oclif/core/execute')
	await execute({dir: import.meta.url})
} else {
	const message = 'qt is not built: dist/commands is missing'
	const hint = 'run `npm start`, which builds and starts, or `npm run build`'
	if (process.argv.includes('--json')) console.log(JSON.stringify({ok: false, code: 5, message, hint}, null, 2))
	else console.error(`${message}; ${hint}`)
	process.exitCode = 5
}
