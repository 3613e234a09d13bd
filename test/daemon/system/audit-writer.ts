import {appendAudit} from '../../../src/daemon/system/audit-file.js'
import {homeAt} from '../../../src/daemon/system/home.js'

/** Appends records as fast as it can: one shell of several. */
const [root = '', who = '', count = '0'] = process.argv.slice(2)
const said = {what: 'test', why: 'two shells', outcome: 'DONE', before: {}, after: {}, timings: {}}
for (let index = 0; index < Number(count); index += 1) await appendAudit(homeAt(root), {...said, who, time_ms: index})
