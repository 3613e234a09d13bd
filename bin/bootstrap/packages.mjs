import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {findOnPath, runStep} from './processes.mjs'
import {BootstrapError, exitCodes, step} from './report.mjs'

function packagesOf(file) {
	const {packages = {}} = JSON.parse(readFileSync(file, 'utf8'))
	return packages
}

/** Packages for other platforms stay away; that is no difference. */
const mayBeMissing = entry => Boolean(entry.optional || entry.devOptional)

/**
 * Why the installed packages are not those of package-lock.json, or undefined
 * when they are. npm's own record of what it installed is compared entry by
 * entry, so that file times (a clone, a restored cache) don't matter and an
 * installation that somebody made by hand counts.
 */
export function packagesDiffer(root) {
	const record = join(root, 'node_modules', '.package-lock.json')
	if (!existsSync(record)) return 'node_modules is missing or incomplete'
	let wanted
	let installed
	try {
		wanted = packagesOf(join(root, 'package-lock.json'))
		installed = packagesOf(record)
	} catch (error) {
		return `the installed packages cannot be told (${error.message})`
	}
	for (const [path, entry] of Object.entries(wanted)) {
		if (path === '') continue
		const found = installed[path]
		const name = path.replace(/^node_modules\//, '')
		if (!found) {
			if (mayBeMissing(entry)) continue
			return `${name} is missing`
		}
		if (found.version !== entry.version || found.integrity !== entry.integrity) {
			return `${name} is ${found.version} instead of ${entry.version}`
		}
	}
	const surplus = Object.keys(installed).find(path => !(path in wanted))
	return surplus === undefined ? undefined : `${surplus.replace(/^node_modules\//, '')} is not in package-lock.json`
}

/** The program and leading arguments that run npm: the one on PATH, else the one beside this Node. */
export function npm(env = process.env) {
	const onPath = findOnPath('npm', env)
	if (onPath) return [onPath]
	const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
	if (existsSync(beside)) return [process.execPath, beside]
	throw new BootstrapError(
		`npm is neither on PATH nor beside ${process.execPath}`,
		'install Node with npm from https://nodejs.org/en/download',
		exitCodes.unreachable,
	)
}

/** Installs exactly what package-lock.json names, compilers and test tools included whatever NODE_ENV says. */
export async function installPackages(root, why) {
	const [program, ...leading] = npm()
	const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
	await step('installing packages', why, async () => {
		const code = await runStep(program, [...leading, ...args], {cwd: root})
		if (code !== 0) {
			throw new BootstrapError(
				`npm ci ended with ${code}`,
				`put right what npm says above, then run again; by hand: cd ${root} && npm ci --include=dev`,
			)
		}
	})
}
