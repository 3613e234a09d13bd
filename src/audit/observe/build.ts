import {execFile} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {promisify} from 'node:util'
import {z} from 'zod'
import {versionText} from '../../daemon/system/version.js'
import {absent, type BuildSeen, type Part, seen} from '../observed.js'

const run = promisify(execFile)
const GIT_WITHIN_MS = 5_000
/** The root of the project: this file lies as deep below it built as not. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

const stampSchema = z.object({
	version: z.string(),
	commit: z.string().nullable(),
	source_hash: z.string(),
	built_at: z.string(),
})
const PROGRAMS = ['daemon/main.js', 'daemon/host/main.js', 'paper-exchange/main.js'] as const

const stampOf = (root: string): z.output<typeof stampSchema> | undefined => {
	try {
		return stampSchema.parse(JSON.parse(readFileSync(join(root, 'dist', 'build.json'), 'utf8')))
	} catch {
		return undefined
	}
}

const commitOf = async (root: string): Promise<string | null> => {
	try {
		const {stdout} = await run('git', ['rev-parse', 'HEAD'], {cwd: root, timeout: GIT_WITHIN_MS})
		return stdout.trim()
	} catch {
		return null
	}
}

type Fingerprints = Readonly<{sourceHash: (root: string) => string}>

/** The fingerprint that a build of these sources would carry, by the very program that writes it into a build. */
const hashOf = async (root: string): Promise<string> => {
	const program: unknown = await import(pathToFileURL(join(projectRoot, 'bin', 'bootstrap', 'build.mjs')).href)
	return (program as Fingerprints).sourceHash(root)
}

/** What was built, and the checkout that it was built from, where there is one. */
export const observeBuild = async (root: string = projectRoot): Promise<Part<BuildSeen>> => {
	const stamp = stampOf(root)
	const fromCheckout = existsSync(join(root, '.git')) && existsSync(join(root, 'src'))
	if (!stamp && !fromCheckout) return absent(`${root} is neither a build nor a checkout`)
	return seen({
		root,
		version: versionText(stamp?.version, stamp?.source_hash),
		source_hash: stamp?.source_hash ?? null,
		commit: stamp?.commit ?? null,
		built_at: stamp?.built_at ?? null,
		checkout: fromCheckout ? {commit: await commitOf(root), source_hash: await hashOf(root)} : null,
		missing: stamp ? PROGRAMS.filter(path => !existsSync(join(root, 'dist', path))) : [],
	})
}
