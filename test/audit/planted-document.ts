import {rulesTable} from '../../src/audit/markdown.js'
import {rules} from '../../src/audit/rules.js'
import {code, markdownTable} from '../../src/engine/logic/markdown.js'
import {machineFaults} from './machine-faults.js'
import {redisFaults} from './redis-faults.js'

/** Faults that only a whole system can have, planted in test/system/registry-audit.test.ts. */
export const SYSTEM_FAULTS = [
	{fault: 'a position whose stop is missing at the venue', rule: 'bare-position'},
	{fault: 'a host that hangs: a heartbeat that grows old though its process lives', rule: 'stale-heartbeat'},
	{fault: 'a second process of one name beside the daemon’s', rule: 'duplicate-instance'},
	{fault: 'dead consumers in a group of a running unit', rule: 'dead-consumers'},
] as const

/** The rules, and the faults that the tests plant for them. */
export const rulesDocument = (): string => {
	const planted = [...redisFaults, ...machineFaults, ...SYSTEM_FAULTS].map(({fault, rule}) => [fault, code(rule)])
	return `# The rules of \`qt registry audit\`

Generated from the code; a test fails when it is stale. Each rule is one file in \`src/audit/rules\`, a pure function of what is declared and what was seen.

${rulesTable(rules)}

## Planted, and found

Each of these is planted by a test into the real thing (a Redis, a process, a socket, a file, a running system), and found by its rule; without it the rule finds nothing.

${markdownTable(['Fault', 'Found by'], planted)}
`
}
