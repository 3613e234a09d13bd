import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, rmSync} from 'node:fs'
import {join, relative, sep} from 'node:path'
import {npm} from './packages.mjs'
import {runStep} from './processes.mjs'
import {BootstrapError, say, step} from './report.mjs'

/** What decides over the compiled output besides src. */
const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'bin/copy-assets.mjs']

/** Sources that change under a build are built again, but not for ever. */
const buildsMax = 3

/** Files under a folder as paths relative to it with `/`, sorted; empty when there is no folder. */
export function filesUnder(folder) {
	let entries
	try {
		entries = readdirSync(folder, {withFileTypes: true, recursive: true})
	} catch (error) {
		if (error.code === 'ENOENT') return []
		throw error
	}
	return entries
		.filter(entry => entry.isFile())
		.map(entry =>
			relative(folder, join(entry.parentPath ?? entry.path, entry.name))
				.split(sep)
				.join('/'),
		)
		.sort()
}

/** Fingerprint of everything that is compiled: content counts, not file times, which a clone makes anew. */
export function sourceHash(root) {
	const hash = createHash('sha256')
	for (const path of [...filesUnder(join(root, 'src')).map(file => `src/${file}`), ...settings]) {
		let content
		try {
			content = readFileSync(join(root, path))
		} catch (error) {
			if (error.code !== 'ENOENT') throw error
			continue
		}
		hash.update(`${path}\0${content.length}\0`).update(content)
	}
	return hash.digest('hex')
}

/** The record that a finished build leaves, or undefined. */
export function buildStamp(root) {
	try {
		return JSON.parse(readFileSync(join(root, 'dist', 'build.json'), 'utf8'))
	} catch {
		return undefined
	}
}

/** Why the build is not that of the sources, or undefined when it is. */
export function buildIsStale(root) {
	const stamp = buildStamp(root)
	if (!stamp) return 'there is no finished build'
	return stamp.source_hash === sourceHash(root) ? undefined : `the sources changed since ${stamp.built_at}`
}

/** Compiles src to dist; once more when the sources changed meanwhile. */
export async function build(root, why) {
	const [program, ...leading] = npm()
	await step('building', why, async () => {
		for (let builds = 1; builds <= buildsMax; builds += 1) {
			const before = sourceHash(root)
			// The compiler writes only what it does not remember having written: it forgets when its output is in doubt.
			if (!buildStamp(root)) rmSync(join(root, 'dist', '.tsbuildinfo'), {force: true})
			// A build that fails half-way must not pass for the one before it.
			rmSync(join(root, 'dist', 'build.json'), {force: true})
			const code = await runStep(program, [...leading, 'run', '--silent', 'build'], {cwd: root})
			if (code !== 0) {
				throw new BootstrapError(
					`npm run build ended with ${code}`,
					'put right what the compiler says above, then run again',
				)
			}
			const after = buildStamp(root)?.source_hash
			if (after === undefined) {
				throw new BootstrapError('npm run build left no dist/build.json', 'see the "build" script in package.json')
			}
			if (after === before) return
		}
		say(`the sources kept changing through ${buildsMax} builds; going on with the last one`)
	})
}
