import type {Fields} from '../contracts/field.js'
import type {ScriptContract} from '../contracts/script.js'
import type {DecisionCall, Write} from './bus.js'

const NUL = 0
const isPlaceholder = (value: string): boolean => value.charCodeAt(0) === NUL

/** Every text of a write in which a placeholder would be filled. */
const textsOf = (write: Write): readonly string[] => {
	switch (write.op) {
		case 'append':
		case 'put-hash':
			return Object.values(write.fields)
		case 'put-string':
			return [write.value]
		case 'remove-fields':
			return write.fields
		case 'add-members':
		case 'remove-members':
			return write.members
		case 'remove':
			return []
	}
}

const missingBranch = ({name}: ScriptContract, outcome: string): Error =>
	new Error(`Script ${name} may answer ${outcome}, for which there is no branch`)

/**
 * Refuses a decision that could not be carried out whole, before the script has written anything.
 * @throws Error naming the script and the branch or placeholder at fault.
 */
export const checkDecision = ({script, branches}: DecisionCall): void => {
	for (const outcome in script.outcomes) if (!branches[outcome]) throw missingBranch(script, outcome)
	for (const outcome in branches) {
		const given = script.outcomes[outcome]
		if (!given) throw new Error(`Script ${script.name} never answers ${outcome}; there is a branch for it`)
		for (const write of branches[outcome] ?? [])
			for (const text of textsOf(write))
				if (isPlaceholder(text) && !given.includes(text.slice(1)))
					throw new Error(
						`Script ${script.name} gives no ${JSON.stringify(text.slice(1))} with ${outcome}; it gives: ${given.join(', ') || 'nothing'}`,
					)
	}
}

/** A write with the values that the script gave, put where the branch left room for them. */
export const filled = (write: Write, reply: Fields): Write => {
	const fill = (text: string): string => (isPlaceholder(text) ? (reply[text.slice(1)] ?? '') : text)
	const fillAll = (fields: Fields): Fields =>
		Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fill(value)]))
	switch (write.op) {
		case 'append':
		case 'put-hash':
			return {...write, fields: fillAll(write.fields)}
		case 'put-string':
			return {...write, value: fill(write.value)}
		case 'remove-fields':
			return {...write, fields: write.fields.map(fill)}
		case 'add-members':
		case 'remove-members':
			return {...write, members: write.members.map(fill)}
		case 'remove':
			return write
	}
}

/** @throws Error when the answer is not one that the contract names, or lacks a value that it promises. */
export const checkReply = (script: ScriptContract, outcome: string, fields: Fields): void => {
	const promised = script.outcomes[outcome]
	if (!promised) throw new Error(`Script ${script.name} answered ${outcome}, which its contract does not name`)
	for (const name of promised)
		if (fields[name] === undefined) throw new Error(`Script ${script.name} gave no ${name} with ${outcome}`)
}
