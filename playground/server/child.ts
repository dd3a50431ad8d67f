import process from 'node:process'
import { createTidemark } from '@tidemark/server'
import type { ChildMessage } from './analytics.ts'
import { countryHeader } from './country-header.ts'

/**
 * The analytics server, in a process of its own so that it can be killed. It lives as long as the
 * channel to its parent: without one it closes by itself, so that it is never left behind.
 */

/** Ctrl+C reaches the whole group of processes; when to end is for the parent to say. */
process.on('SIGINT', () => {})

const [dataDir] = process.argv.slice(2)

function tell(message: ChildMessage): void {
  // A parent that is gone by now is noticed by the channel itself.
  process.send?.(message, () => {})
}

try {
  if (!dataDir) throw new TypeError('Which directory the log is in has to be said.')
  const tidemark = createTidemark({
    storage: { dataDir },
    proxy: { trusted: ['127.0.0.1'], countryHeader },
  })
  process.once('disconnect', () => {
    void tidemark.close().finally(() => process.exit())
  })
  const { port } = await tidemark.listen({ port: 0 })
  if (process.connected) tell({ port })
} catch (error) {
  if (process.connected) {
    tell({ failure: error instanceof Error ? error.message : String(error) })
    process.disconnect()
  }
  process.exitCode = 1
}
