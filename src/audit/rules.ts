import type {Rule} from './rule.js'
import {barePosition} from './rules/bare-position.js'
import {brokenEntry} from './rules/broken-entry.js'
import {contestedPort} from './rules/contested-port.js'
import {deadConsumers} from './rules/dead-consumers.js'
import {deadUnit} from './rules/dead-unit.js'
import {duplicateInstance} from './rules/duplicate-instance.js'
import {failedUnit} from './rules/failed-unit.js'
import {foreignPort} from './rules/foreign-port.js'
import {groupWithoutConsumer} from './rules/group-without-consumer.js'
import {keyTtl} from './rules/key-ttl.js'
import {keyType} from './rules/key-type.js'
import {looseFile} from './rules/loose-file.js'
import {lostEntries} from './rules/lost-entries.js'
import {missingProgram} from './rules/missing-program.js'
import {oldBuild} from './rules/old-build.js'
import {orphanProcess} from './rules/orphan-process.js'
import {otherBuildRuns} from './rules/other-build-runs.js'
import {pidConsumer} from './rules/pid-consumer.js'
import {policyDrift} from './rules/policy-drift.js'
import {publicBind} from './rules/public-bind.js'
import {readableCredentials} from './rules/readable-credentials.js'
import {readerBehind} from './rules/reader-behind.js'
import {restartingProcess} from './rules/restarting-process.js'
import {retiredKey} from './rules/retired-key.js'
import {retiredStream} from './rules/retired-stream.js'
import {silentPort} from './rules/silent-port.js'
import {staleHeartbeat} from './rules/stale-heartbeat.js'
import {stuckPending} from './rules/stuck-pending.js'
import {systemdFailed} from './rules/systemd-failed.js'
import {systemdMasked} from './rules/systemd-masked.js'
import {systemdNotFound} from './rules/systemd-not-found.js'
import {unknownGroup} from './rules/unknown-group.js'
import {unknownKey} from './rules/unknown-key.js'
import {unknownLag} from './rules/unknown-lag.js'
import {unknownStream} from './rules/unknown-stream.js'
import {unreadStream} from './rules/unread-stream.js'
import {unwrittenStream} from './rules/unwritten-stream.js'

/** Every rule, in the order in which a system is best looked at. A test proves that each rule file is here. */
export const rules: readonly Rule[] = [
	foreignPort,
	publicBind,
	contestedPort,
	silentPort,
	deadUnit,
	failedUnit,
	staleHeartbeat,
	duplicateInstance,
	orphanProcess,
	restartingProcess,
	oldBuild,
	otherBuildRuns,
	missingProgram,
	unknownStream,
	retiredStream,
	unreadStream,
	unwrittenStream,
	brokenEntry,
	unknownGroup,
	groupWithoutConsumer,
	deadConsumers,
	pidConsumer,
	lostEntries,
	unknownLag,
	stuckPending,
	readerBehind,
	unknownKey,
	retiredKey,
	keyType,
	keyTtl,
	readableCredentials,
	looseFile,
	policyDrift,
	barePosition,
	systemdNotFound,
	systemdFailed,
	systemdMasked,
]
