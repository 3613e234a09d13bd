/** `node --import test/support/typescript.mjs file.ts` runs a file of ours as a process of its own, without a build. */
import {register} from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
