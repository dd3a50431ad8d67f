#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=50 --no-allocation-site-pretenuring
// The flags reduce memory. By default, V8 scales its heap with the machine and lets it grow to several times the live
// data. After a busy second, pretenuring allocates all events in the old generation, although they are short-lived.
import process from 'node:process'
import { configureMalloc } from './cli/malloc.ts'
import { explainNode } from './shared/node-version.ts'

const reason = explainNode(process.versions.node)
if (reason !== undefined) {
  process.stderr.write(`tidemark: ${reason}\n`)
  process.exitCode = 1
} else {
  configureMalloc(process)
  // Imported after the process has restarted, so that only the restarted process loads it. In an older Node the import
  // would fail.
  const { main } = await import('./cli/main.ts')
  process.exitCode = await main()
}
