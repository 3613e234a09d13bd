import type {GroupFacts} from '../engine/logic/stream-backlog.js'
import type {RedisSeen} from './observed.js'
import {shown} from './quoting.js'

/** A group of readers, and the name of its stream without the prefix. */
export type GroupSeen = GroupFacts & Readonly<{stream: string}>

/** Every group of every stream. */
export const groupsOf = ({streams}: Pick<RedisSeen, 'streams'>): readonly GroupSeen[] =>
	streams.flatMap(({name, facts}) => facts.groups.map(group => ({...group, stream: name})))

/** How findings name a group. */
export const groupSubject = ({group, stream}: Pick<GroupSeen, 'group' | 'stream'>): string =>
	`${shown(group)} on ${shown(stream)}`
