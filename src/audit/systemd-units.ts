import type {SystemdUnit} from './observed.js'
import {command} from './quoting.js'

/**
 * What systemctl prints, read without guessing: `list-units --all --plain --no-legend --full` and
 * `list-unit-files --no-legend --full` of a pattern. A unit that is only known from one of them is there too.
 */

/** The dot that marks a unit in trouble on older versions. */
const MARK = /^[●○×*]\s*/u

export const parseUnits = (text: string): readonly SystemdUnit[] =>
	text.split('\n').flatMap(line => {
		const [name, load, active, sub, ...description] = line.trim().replace(MARK, '').split(/\s+/)
		if (!name?.includes('.') || !load || !active || !sub) return []
		return [{name, load, active, sub, enabled: null, description: description.join(' ')}]
	})

export const parseUnitFiles = (text: string): ReadonlyMap<string, string> =>
	new Map(
		text.split('\n').flatMap(line => {
			const [name, enabled] = line.trim().split(/\s+/)
			return name?.includes('.') && enabled ? [[name, enabled] as const] : []
		}),
	)

export const joinUnits = (
	units: readonly SystemdUnit[],
	files: ReadonlyMap<string, string>,
): readonly SystemdUnit[] => {
	const known = new Set(units.map(({name}) => name))
	const unloaded = [...files]
		.filter(([name]) => !known.has(name))
		.map(([name, enabled]) => ({
			name,
			load: enabled === 'masked' ? 'masked' : 'unloaded',
			active: 'inactive',
			sub: 'dead',
			enabled,
			description: '',
		}))
	return [...units.map(unit => ({...unit, enabled: files.get(unit.name) ?? null})), ...unloaded].sort((left, right) =>
		left.name < right.name ? -1 : 1,
	)
}

export const systemdProof = ({name}: SystemdUnit): string =>
	command('systemctl', 'show', name, '-p', 'LoadState,ActiveState,SubState,UnitFileState,Result')
