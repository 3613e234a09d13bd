#!/usr/bin/env node
// Plain Node without dependencies: it runs in a fresh clone, before anything is installed.
// This file keeps to syntax that Nodes far older than the required one can parse, so that
// they reach the check and say what is wrong instead of failing on a token.
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace(/^\D*/, '')
const found = process.versions.node

function isOlder(version, limit) {
	const a = version.split('.').map(Number)
	const b = limit.split('.').map(Number)
	for (let i = 0; i < b.length; i += 1) {
		if ((a[i] || 0) !== b[i]) return (a[i] || 0) < b[i]
	}
	return false
}

if (isOlder(found, wanted)) {
	process.stderr.write(
		`bootstrap: Node ${found} (${process.execPath}) is too old: ${wanted} or newer is needed.\n` +
			`bootstrap: install it from https://nodejs.org/en/download or, where nvm is set up, run: nvm install ${
				wanted.split('.')[0]
			}\n`,
	)
	process.exitCode = 5
} else {
	import('./bootstrap/main.mjs')
		.then(({main}) => main(root, process.argv.slice(2)))
		.then(code => {
			process.exitCode = code
		})
}
