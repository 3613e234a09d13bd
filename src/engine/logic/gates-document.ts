import {fenceReasons} from '../exchange/arm-state.js'
import {localRefusals, notSentReasons} from '../exchange/order-request.js'
import {gates} from '../scripts/gates/all.js'
import {permitRefusals} from '../scripts/take-permit.js'
import {bridgeReasons} from './intent-to-plan.js'
import {code, markdownTable} from './markdown.js'
import {portfolioGates} from './portfolio-gate.js'

type Row = Readonly<{code: string; meaning: string; policy?: string; remedy: string}>

/** Gates that share code and meaning are one row. */
const unique = <Of extends Row>(rows: readonly Of[]): readonly Of[] =>
	rows.filter((row, index) => rows.findIndex(of => of.code === row.code && of.meaning === row.meaning) === index)

const gateTable = (rows: readonly Row[]): string =>
	markdownTable(
		['Code', 'Refused', 'Limit', 'What to do'],
		unique(rows).map(({code: name, meaning, policy, remedy}) => [
			...[code(name), meaning, policy === undefined ? '' : code(policy), remedy],
		]),
	)

const reasonTable = (reasons: Readonly<Record<string, string>>): string =>
	markdownTable(
		['Code', 'Meaning'],
		Object.entries(reasons).map(([name, meaning]) => [code(name), meaning]),
	)

/** docs/gates.md: every reason for which an order does not happen, in the order in which it is asked for. */
export const gatesDocument =
	(): string => `<!-- Generated from the gates themselves. Renew with: npx vitest run test/house/documents.test.ts -u -->

# Gates and reason codes

An intent passes five stations on its way to the venue, and each of them may refuse. The first refusal names its code, what was used and what the limit was; it stays in the stream of that station. \`qt order place --dry-run\` asks all gates of the governor about a plan and shows each answer.

## 1. portfolio-gate: over the whole portfolio

Entries only; exits pass untouched. Recorded in \`portfolio.gate\`. \`GATE_SHADOW\` marks an intent that is measured and not traded.

${gateTable(portfolioGates)}

## 2. intent-bridge: is it a plan?

Recorded in \`trade.intent.dlq\`, with the whole intent.

${reasonTable(bridgeReasons)}

## 3. governor: one atomic decision on each plan

Recorded in \`governor.events\`. Gates in this order; what passes them all reserves slot and notional in the same step.

### Every plan

${gateTable(gates.filter(({of}) => of === 'ALL'))}

### Exits

An exit skips allowlist, exposure, slots, rates, cooldown and heat. What it needs is the exit lock of its symbol and a size within the position.

${gateTable(gates.filter(({of}) => of === 'EXIT'))}

### Entries

${gateTable(gates.filter(({of}) => of === 'ENTRY'))}

## 4. apply-layer: the permit is taken, once

Recorded in \`apply.result\` as SKIP.

${reasonTable(permitRefusals)}

## 5. The gateway, as the request leaves

Recorded in \`apply.result\` as SKIP. The fence:

${reasonTable(fenceReasons)}

What keeps a request from being sent:

${reasonTable(notSentReasons)}

What the gateway refuses by the rules of the venue before it is asked (FAILED; other codes are the venue's own numbers):

${reasonTable(localRefusals)}
`
