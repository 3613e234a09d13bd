import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from './closest-name.js'
import type {ProcessSpec} from './process-spec.js'

type Specs = ReadonlyMap<string, ProcessSpec>

/** @throws OperatorError (usage) for a name that is not declared, with the nearest one that is. */
export function requireKnown(specs: Specs, names: Iterable<string>): void {
	for (const name of names) {
		if (specs.has(name)) continue
		const near = closestName(name, specs.keys())
		throw new OperatorError(`there is no process "${name}"`, {
			exit_code: EXIT_CODES.usage,
			hint: near ? `did you mean ${near}?` : `known are ${[...specs.keys()].join(', ')}`,
		})
	}
}

function closure(names: Iterable<string>, next: (name: string) => Iterable<string>): Set<string> {
	const found = new Set<string>()
	const open = [...names]
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (found.has(name)) continue
		found.add(name)
		open.push(...next(name))
	}
	return found
}

/** Processes that name `name` in `depends_on`. */
export function dependantsOf(specs: Specs, name: string): string[] {
	return [...specs.values()].filter(spec => spec.depends_on.includes(name)).map(spec => spec.name)
}

/** The names with everything they need, dependencies first. */
export function withDependencies(specs: Specs, names: Iterable<string>): string[] {
	const wanted = closure(names, name => specs.get(name)?.depends_on ?? [])
	const order: string[] = []
	const place = (name: string) => {
		if (!wanted.has(name) || order.includes(name)) return
		for (const dependency of specs.get(name)?.depends_on ?? []) place(dependency)
		order.push(name)
	}
	for (const name of specs.keys()) place(name)
	return order
}

/** The names with everything that needs them, dependants first: the order in which to stop. */
export function withDependants(specs: Specs, names: Iterable<string>): string[] {
	const wanted = closure(names, name => dependantsOf(specs, name))
	return withDependencies(specs, specs.keys())
		.filter(name => wanted.has(name))
		.reverse()
}
