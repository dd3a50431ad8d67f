import {
  type MessagePort,
  isMainThread,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads'
import { type Durability, openConnection } from './sqlite-database.ts'
import { createSqliteTransactions } from './sqlite-transactions.ts'
import { type WriterRequest, createWriteLoop } from './sqlite-write-loop.ts'

/*
 * The worker thread that writes to the database, so that the event loop never waits for the disk. See
 * `createSqliteWriter`.
 */

export interface WriterThreadOptions {
  path: string
  durability: Durability
  /** Receives requests, and sends responses. */
  port: MessagePort
}

function serve({ path, durability, port }: WriterThreadOptions): void {
  const database = openConnection(path, durability)
  const loop = createWriteLoop({
    transactions: createSqliteTransactions(database),
    receive: () => receiveMessageOnPort(port)?.message as WriterRequest | undefined,
    respond: responses => port.postMessage(responses),
    onClosed() {
      database.close()
      port.close()
    },
  })
  port.on('message', loop.handle)
}

if (!isMainThread) serve(workerData as WriterThreadOptions)
