import {z} from 'zod'
import {noted} from './field.js'
import {multiple, share} from './shapes.js'

/** The stop and target that a position begins with. */
export const stop = z.strictObject({
	distance_min: noted(share.default(0.03), 'more', 'share', 'Least distance of the initial stop, of price.'),
	atr_multiple: noted(multiple.default(0.3), 'more', 'multiple', 'Distance of the initial stop in ATR.'),
	target_multiple: noted(multiple.default(1.33), 'unclear', 'multiple', 'Distance of the target in stop distances.'),
	loss_share_max: noted(
		share.default(0.1),
		'more',
		'share',
		'Largest loss at the initial stop, of the margin of the position: leverage x distance of the stop.',
	),
})
