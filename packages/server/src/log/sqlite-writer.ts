import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { LogUnavailableError } from './log.ts'
import type { Order, Outcome, ThreadOptions, Write } from './sqlite-thread.ts'

/** Writes to the database in a thread of its own. */
export interface SqliteWriter {
  /**
   * Resolves when it is written, with the offset of the last record.
   * @param message what to say when it cannot be
   * @throws {LogUnavailableError} when nothing of it was written
   */
  write(write: Write, message: string): Promise<number>
  /** Resolves when all that was to be written has been, and the thread has ended. */
  close(): Promise<void>
}

interface Waiting {
  message: string
  resolve: (offset: number) => void
  reject: (error: LogUnavailableError) => void
}

/** Room for young objects in the thread, which holds little for long, in MiB. */
const youngGenerationMb = 4

export function createSqliteWriter(options: Omit<ThreadOptions, 'port'>): SqliteWriter {
  // Not resolved by the compiler, as the names in imports are.
  const name = import.meta.url.endsWith('.ts') ? './sqlite-thread.ts' : './sqlite-thread.js'
  const { port1: port, port2: threadPort } = new MessageChannel()
  const thread = new Worker(new URL(name, import.meta.url), {
    workerData: { ...options, port: threadPort } satisfies ThreadOptions,
    transferList: [threadPort],
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  /** Why nothing can be written any more. */
  let end: LogUnavailableError | undefined
  const exited = new Promise<void>(resolve => {
    thread.once('exit', () => {
      fail(new Error('its thread has ended'))
      resolve()
    })
  })

  function settleAll(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) settle(outcome)
    // A process may end while nothing is to be written.
    if (waiting.size === 0) port.unref()
  }

  function settle(outcome: Outcome): void {
    const each = waiting.get(outcome.id)
    waiting.delete(outcome.id)
    if ('error' in outcome) {
      each?.reject(new LogUnavailableError(each.message, { cause: outcome.error }))
    } else {
      each?.resolve(outcome.offset)
    }
  }

  /** Whether what waited was written is not known then; who sent it sends it again. */
  function fail(cause: unknown): void {
    end ??= new LogUnavailableError('The log cannot be written any more', { cause })
    for (const id of [...waiting.keys()]) settle({ id, error: cause })
  }

  function post(order: Order): void {
    port.postMessage(order)
  }

  port.on('message', settleAll)
  port.unref()
  thread.on('error', fail)
  thread.unref()

  return {
    write(write, message) {
      if (end) return Promise.reject(end)
      const id = ++lastId
      if (waiting.size === 0) port.ref()
      const written = new Promise<number>((resolve, reject) => {
        waiting.set(id, { message, resolve, reject })
        post({ id, write })
      })
      // In a long turn of the loop, what was written meanwhile can be answered before its end.
      const come = receiveMessageOnPort(port)
      if (come) settleAll(come.message as readonly Outcome[])
      return written
    },
    async close() {
      if (!end) {
        end = new LogUnavailableError('The log is closed')
        post('close')
      }
      thread.ref()
      await exited
    },
  }
}
