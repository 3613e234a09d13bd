import type {Redis} from 'ioredis'

/** A figure of INFO; NaN when the server does not tell it. */
export const serverFigure = async (redis: Redis, section: 'cpu' | 'persistence', name: string): Promise<number> =>
	Number(new RegExp(`^${name}:(.*)$`, 'm').exec(await redis.info(section))?.[1])
