import {readFileSync} from 'node:fs'

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
	return `${String(version ?? read('../../../package.json').version ?? 'unknown')}+${String(source_hash ?? 'unbuilt').slice(0, 12)}`
}
