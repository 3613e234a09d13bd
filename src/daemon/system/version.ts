import {readFileSync} from 'node:fs'

/** `0.1.0+0123456789ab`: what a build is called, by its version and the fingerprint of its sources. */
export const versionText = (version: unknown, source_hash: unknown): string =>
	`${String(version ?? 'unknown')}+${String(source_hash ?? 'unbuilt').slice(0, 12)}`

/** Version and source of what runs, so that a process of another build is replaced and not adopted. */
export const buildVersion = (): string => {
	const read = (path: string): Record<string, unknown> => {
		try {
			return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<string, unknown>
		} catch {
			return {}
		}
	}
	const {version, source_hash} = read('../../build.json')
	return versionText(version ?? read('../../../package.json').version, source_hash)
}
