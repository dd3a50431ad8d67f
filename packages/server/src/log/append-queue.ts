import { createBlockWriter } from './block.ts'
import { type LogRecord, LogUnavailableError } from './log.ts'
import type { SqliteWriter } from './sqlite-writer.ts'

/** Size at which a block is written before the turn of the event loop ends, so that writing overlaps a long turn. */
const maxBlockBytes = 64 * 1024

interface PendingAppend {
  resolve: (offset: number) => void
  reject: (error: unknown) => void
}

/** Collects records into blocks. Records that arrive in one turn of the event loop share a block. */
export interface AppendQueue {
  /**
   * Resolves with the record's offset once it is durable.
   * @throws {LogUnavailableError} when too many bytes wait for the disk, or the block cannot be written
   */
  append(record: LogRecord): Promise<number>
  /** Writes the collected records. Resolves when they are written or have failed. */
  flush(): Promise<void>
  readonly pendingBytes: number
}

/**
 * @param maxPendingBytes bytes of records that may wait for the disk
 * @param onWritten receives the duration of each write, in milliseconds
 */
export function createAppendQueue(
  writer: SqliteWriter,
  maxPendingBytes: number,
  onWritten: (ms: number) => void = () => {},
): AppendQueue {
  const block = createBlockWriter()
  let pendingAppends: PendingAppend[] = []
  /** Bytes of records that are collected here or being written. */
  let pendingBytes = 0

  async function flush(): Promise<void> {
    const group = pendingAppends
    if (group.length === 0) return
    pendingAppends = []
    const drained = block.drain()
    try {
      const command = { kind: 'append', block: drained } as const
      const startedAt = performance.now()
      const last = await writer.write(command, 'The log could not be written')
      onWritten(performance.now() - startedAt)
      for (const [index, { resolve }] of group.entries()) resolve(last - group.length + 1 + index)
    } catch (error) {
      for (const { reject } of group) reject(error)
    } finally {
      pendingBytes -= drained.bytes.length
      block.release(drained)
    }
  }

  return {
    append(record) {
      if (pendingBytes + record.body.length + record.decision.length > maxPendingBytes) {
        return Promise.reject(
          new LogUnavailableError(
            `${pendingBytes} bytes already wait for the disk, and the limit is ${maxPendingBytes}; retry later`,
          ),
        )
      }
      if (pendingAppends.length === 0) setImmediate(() => void flush())
      pendingBytes += block.add(record)
      const appended = new Promise<number>((resolve, reject) => {
        pendingAppends.push({ resolve, reject })
      })
      if (block.length >= maxBlockBytes) void flush()
      return appended
    },
    flush,
    get pendingBytes() {
      return pendingBytes
    },
  }
}
