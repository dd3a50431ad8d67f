#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=50 --no-allocation-site-pretenuring
// V8 sizes its heap by the machine, and lets it grow to several times what lives in it: so it takes less. And it
// learns from a busy second that events live long, which they do not, and would mark all memory for them ever after.
import process from 'node:process'
import { configureMalloc } from './cli/malloc.ts'

configureMalloc(process)
// All else is read only by the process that stays.
const { main } = await import('./cli/main.ts')
process.exitCode = await main()
