// The last step of a build: what tsc leaves out or leaves over.
import {execFileSync} from 'node:child_process'
import {copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, extname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {filesUnder, sourceHash} from './bootstrap/build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const src = join(root, 'src')
const dist = join(root, 'dist')
const assetKinds = new Set(['.lua', '.json', '.yaml'])
const sources = filesUnder(src)

/** Files that a source file becomes in dist. */
function outputsOf(source) {
	if (assetKinds.has(extname(source))) return [source]
	const compiled = source.replace(/\.tsx?$/, '.js')
	return compiled === source || source.endsWith('.d.ts') ? [] : [compiled, `${compiled}.map`]
}

function copyAssets() {
	for (const asset of sources.filter(file => assetKinds.has(extname(file)))) {
		mkdirSync(dirname(join(dist, asset)), {recursive: true})
		copyFileSync(join(src, asset), join(dist, asset))
	}
}

/** A command whose source is gone would otherwise still be offered. */
function removeStale() {
	const expected = new Set(['build.json', ...sources.flatMap(outputsOf)])
	for (const file of filesUnder(dist)) {
		// Dot entries are not output: the compiler's memory and the bootstrap's lock.
		if (expected.has(file) || file.startsWith('.')) continue
		rmSync(join(dist, file))
		for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
			try {
				rmdirSync(join(dist, folder))
			} catch {
				break
			}
		}
	}
}

/** Output that was deleted is not written again by a compiler that remembers having written it. */
function assertWhole() {
	const missing = sources.flatMap(outputsOf).find(file => !existsSync(join(dist, file)))
	if (missing === undefined) return
	rmSync(join(dist, '.tsbuildinfo'), {force: true})
	console.error(
		`dist/${missing} is missing though the compiler passed; run the build again: it starts from nothing now`,
	)
	process.exit(1)
}

function writeWhole(file, value) {
	const beside = `${file}.${process.pid}`
	writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`)
	renameSync(beside, file)
}

/** Lets `qt` start without loading every command; also proves that each of them loads. */
async function writeCommandManifest() {
	const file = join(root, 'oclif.manifest.json')
	if (!existsSync(join(dist, 'commands'))) {
		rmSync(file, {force: true})
		return
	}
	const {Plugin} = await import('@oclif/core')
	const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
	await plugin.load()
	writeWhole(file, plugin.manifest)
}

function gitCommit() {
	try {
		const git = (...args) =>
			execFileSync('git', args, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
		return {commit: git('rev-parse', 'HEAD').trim(), modified: git('status', '--porcelain', '--', 'src').trim() !== ''}
	} catch {
		// Not a clone: an unpacked archive, or no git.
		return {commit: null, modified: null}
	}
}

copyAssets()
removeStale()
assertWhole()
await writeCommandManifest()
writeWhole(join(dist, 'build.json'), {
	version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
	...gitCommit(),
	source_hash: sourceHash(root),
	built_at: new Date().toISOString(),
})
