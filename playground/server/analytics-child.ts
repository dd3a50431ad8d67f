import process from 'node:process'
import { createTidemark } from '@tidemark/server'
import type { ChildMessage } from './analytics-process.ts'
import { importHistory } from './history/import-history.ts'
import { countryHeader, goals } from './site-options.ts'

/**
 * Entry point of the analytics server's child process, which the playground can kill. The process closes
 * itself when the IPC channel to the parent closes, so it never outlives the parent.
 */

// Ctrl+C reaches the whole process group; the parent decides when the child closes.
process.on('SIGINT', () => {})

const [dataDir, historyDays = '0'] = process.argv.slice(2)

function sendMessage(message: ChildMessage): void {
  // The callback ignores send errors: a closed channel emits `disconnect`.
  process.send?.(message, () => {})
}

try {
  if (!dataDir) throw new TypeError('The data directory is missing; pass it as the first argument.')
  const days = Number(historyDays)
  await importHistory({ dataDir, days, now: Date.now(), random: Math.random })
  const tidemark = createTidemark({
    storage: { dataDir },
    goals,
    proxy: { trusted: ['127.0.0.1'], countryHeader },
    // The terminal of the demo shows no warnings about a busy machine.
    log: { level: 'error' },
  })
  process.once('disconnect', () => {
    void tidemark.close().finally(() => process.exit())
  })
  const { port } = await tidemark.listen({ port: 0 })
  if (process.connected) sendMessage({ port })
} catch (error) {
  if (process.connected) {
    sendMessage({ failure: error instanceof Error ? error.message : String(error) })
    process.disconnect()
  }
  process.exitCode = 1
}
