import {z} from 'zod'

/** The kinds of values that fields of the policy have. */
export const usdt = z.number().positive()
/** A part of something, above 0 up to 1. */
export const share = z.number().gt(0).lte(1)
export const bps = z.number().positive().max(10_000)
export const count = z.int().positive()
export const ms = z.int().positive()
export const multiple = z.number().positive()
export const symbol = z
	.string()
	.regex(/^[\p{L}\p{N}_]{2,40}$/u, 'expected an exchange symbol of letters and digits, such as BTCUSDT')
