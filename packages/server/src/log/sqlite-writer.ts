import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { LogUnavailableError } from './log.ts'
import type { WriteCommand, WriterRequest, WriterResponse } from './sqlite-write-loop.ts'
import type { WriterThreadOptions } from './sqlite-writer-thread.ts'

/** Writes to the database in a worker thread. A thread that ends by itself is replaced for the next command. */
export interface SqliteWriter {
  /**
   * Resolves when the command is written, with the offset of the last appended record.
   * @param message the error's message when the command fails
   * @throws {LogUnavailableError} when nothing of the command was written, or when the thread has ended and the result
   *   is unknown
   */
  write(command: WriteCommand, message: string): Promise<number>
  /** Resolves when all commands are done and the thread has ended. */
  close(): Promise<void>
}

interface PendingWrite {
  message: string
  resolve: (offset: number) => void
  reject: (error: LogUnavailableError) => void
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  /** Resolves when the thread has ended and all its commands are resolved or rejected. */
  readonly exited: Promise<void>
}

/** Heap for young objects of the thread, in MiB. It is small because the thread holds few objects for long. */
const youngGenerationMb = 4

export function createSqliteWriter(options: Omit<WriterThreadOptions, 'port'>): SqliteWriter {
  const pendingWrites = new Map<number, PendingWrite>()
  let lastId = 0
  let isClosed = false
  let thread: Thread | undefined

  function applyResponses(port: MessagePort, responses: readonly WriterResponse[]): void {
    for (const response of responses) applyResponse(response)
    // An idle thread does not keep the process alive.
    if (pendingWrites.size === 0) port.unref()
  }

  function applyResponse(response: WriterResponse): void {
    const pending = pendingWrites.get(response.id)
    pendingWrites.delete(response.id)
    if ('error' in response) {
      pending?.reject(new LogUnavailableError(pending.message, { cause: response.error }))
    } else {
      pending?.resolve(response.offset)
    }
  }

  /** Applies responses that have arrived and that the event loop has not delivered yet. */
  function drainPort(port: MessagePort): void {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      applyResponses(port, next.message as readonly WriterResponse[])
    }
  }

  /** Rejects all pending writes of an ended thread. Whether they were written is unknown, so senders retry them. */
  function rejectPending(error: unknown): void {
    for (const id of [...pendingWrites.keys()]) applyResponse({ id, error })
  }

  function start(): Thread {
    const { port1: port, port2: threadPort } = new MessageChannel()
    const worker = new Worker(threadUrl(), {
      workerData: { ...options, port: threadPort } satisfies WriterThreadOptions,
      transferList: [threadPort],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    })
    let cause: unknown = new Error('The writer thread has ended')
    worker.once('error', error => {
      cause = error
    })
    const exited = new Promise<void>(resolve => {
      worker.once('exit', () => {
        drainPort(port)
        thread = undefined
        rejectPending(cause)
        port.close()
        resolve()
      })
    })
    port.on('message', (responses: readonly WriterResponse[]) => applyResponses(port, responses))
    port.unref()
    worker.unref()
    return { worker, port, exited }
  }

  thread = start()

  return {
    write(command, message) {
      if (isClosed) return Promise.reject(new LogUnavailableError('The log is closed'))
      const { port } = (thread ??= start())
      const id = ++lastId
      port.ref()
      const written = new Promise<number>((resolve, reject) => {
        pendingWrites.set(id, { message, resolve, reject })
        post(port, { id, command })
      })
      // Within a long turn of the event loop, this answers earlier writes before the turn ends.
      drainPort(port)
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

function post(port: MessagePort, request: WriterRequest): void {
  port.postMessage(request)
}

/** Returns the URL of the thread's module. The compiler does not rewrite it, as it does for imports. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./sqlite-writer-thread.${extension}`, import.meta.url)
}
