import type {Redis} from 'ioredis'
import {entriesRead} from '../../logic/stream-backlog.js'
import {recountScript, runScript} from './scripts.js'
import {surveyStreams} from './stream-survey.js'

/**
 * Counts anew what every group has been given, from the entries that are there: for a server that has loaded its file,
 * and remembers of it only what held when the file was last rewritten. What was lost before is forgotten with it.
 *
 * @param names of streams in Redis
 * @returns whether all is counted; false when groups went on meanwhile, and it is to be done again
 * @throws when the connection breaks
 */
export const recountGroups = async (redis: Redis, names: readonly string[]): Promise<boolean> => {
	let whole = true
	for (const survey of await surveyStreams(redis, names)) {
		if (survey.state !== 'stream' || survey.groups.length === 0) continue
		const argv = survey.groups.flatMap(group => [
			group.group,
			group.last_delivered_id,
			entriesRead(survey, group)?.toString() ?? '',
		])
		const set = await runScript(redis, recountScript, [survey.stream], argv)
		if (Number(set) < survey.groups.length) whole = false
	}
	return whole
}
