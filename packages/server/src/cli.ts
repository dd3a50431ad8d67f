#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=50
// V8 sizes its heap by the machine, and lets it grow to several times what lives in it. So it takes less.
import process from 'node:process'
import { settleMalloc } from './cli/malloc.ts'

settleMalloc(process)
// All else is read only by the process that stays.
const { main } = await import('./cli/main.ts')
process.exitCode = await main()
