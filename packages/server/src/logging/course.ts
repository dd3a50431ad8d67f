import process from 'node:process'
import { readVersion } from '../shared/version.ts'
import type { Reporter } from './reporter.ts'

/** The numbers of a recovery that the log names. */
export interface RecoveredNumbers {
  readonly records: number
  readonly events: number
  readonly durationMs: number
  readonly lostWrites: number
  readonly isTorn: boolean
  readonly damagedParts: readonly unknown[]
}

/**
 * Writes a line when the server has started. A failure is reported by `ready`, and not here.
 * @returns a function that writes the line of the end
 */
export function noteCourse(
  { note }: Pick<Reporter, 'note'>,
  ready: Promise<RecoveredNumbers>,
): () => void {
  const startedAt = performance.now()
  ready.then(
    ({ damagedParts, ...numbers }) => {
      const server = { version: readVersion(), node: process.versions.node }
      const fields = { ...server, ...numbers, damagedParts: damagedParts.length }
      note('started', fields, 'The server has read its log and accepts events.')
    },
    () => {},
  )
  return () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    note('stopped', { seconds }, 'The server has stopped.')
  }
}
