import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { LogUnavailableError } from './log.ts'
import type { ThreadOptions } from './sqlite-writer-thread.ts'
import type { WriterRequest, WriterResponse, WriteCommand } from './sqlite-write-loop.ts'

/** Writes to the database in a thread of its own. One that ends by itself is followed by another. */
export interface SqliteWriter {
  /**
   * Resolves when it is written, with the offset of the last record.
   * @param message what to say when it cannot be
   * @throws {LogUnavailableError} when nothing of it was written, or the thread has ended over it and nobody knows
   */
  write(write: WriteCommand, message: string): Promise<number>
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
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let isClosed = false
  let thread: Thread | undefined

  function settleAll(port: MessagePort, outcomes: readonly WriterResponse[]): void {
    for (const outcome of outcomes) settle(outcome)
    // A process may end while nothing is to be written.
    if (waiting.size === 0) port.unref()
  }

  function settle(outcome: WriterResponse): void {
    const each = waiting.get(outcome.id)
    waiting.delete(outcome.id)
    if ('error' in outcome) {
      each?.reject(new LogUnavailableError(each.message, { cause: outcome.error }))
    } else {
      each?.resolve(outcome.offset)
    }
  }

  /** Settles what the thread has said and the loop has not come to. */
  function drain(port: MessagePort): void {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      settleAll(port, next.message as readonly WriterResponse[])
    }
  }

  function start(): Thread {
    const { port1: port, port2: threadPort } = new MessageChannel()
    const worker = new Worker(threadUrl(), {
      workerData: { ...options, port: threadPort } satisfies ThreadOptions,
      transferList: [threadPort],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    })
    let cause: unknown = new Error('Its thread has ended')
    worker.once('error', error => {
      cause = error
    })
    const exited = new Promise<void>(resolve => {
      worker.once('exit', () => {
        drain(port)
        // Whether these were written is not known; who sent them sends them again, to a new thread.
        thread = undefined
        for (const id of [...waiting.keys()]) settle({ id, error: cause })
        port.close()
        resolve()
      })
    })
    port.on('message', (outcomes: readonly WriterResponse[]) => settleAll(port, outcomes))
    port.unref()
    worker.unref()
    return { worker, port, exited }
  }

  thread = start()

  return {
    write(write, message) {
      if (isClosed) return Promise.reject(new LogUnavailableError('The log is closed'))
      const { port } = (thread ??= start())
      const id = ++lastId
      port.ref()
      const written = new Promise<number>((resolve, reject) => {
        waiting.set(id, { message, resolve, reject })
        post(port, { id, write })
      })
      // In a long turn of the loop, what was written meanwhile can be answered before its end.
      drain(port)
      return written
    },
    async close() {
      const closing = thread
      if (closing && !isClosed) post(closing.port, 'close')
      isClosed = true
      if (!closing) return
      closing.worker.ref()
      await closing.exited
    },
  }
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  /** Resolves when it has ended and all that it did is settled. */
  readonly exited: Promise<void>
}

function post(port: MessagePort, order: WriterRequest): void {
  port.postMessage(order)
}

/** Not resolved by the compiler, as the names in imports are. */
function threadUrl(): URL {
  const name = import.meta.url.endsWith('.ts')
    ? './sqlite-writer-thread.ts'
    : './sqlite-writer-thread.js'
  return new URL(name, import.meta.url)
}
