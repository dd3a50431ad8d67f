import {
  type MessagePort,
  isMainThread,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads'
import { type Durability, openConnection } from './sqlite-database.ts'
import { type WriterRequest, createWriteLoop } from './sqlite-write-loop.ts'
import { createSqliteTransactions } from './sqlite-transactions.ts'

/*
 * The thread that writes to the database, so that nothing else waits for the disk: see `createSqliteWriter`.
 */

export interface ThreadOptions {
  path: string
  durability: Durability
  /** Where orders come from and outcomes go to. */
  port: MessagePort
}

function serve({ path, durability, port }: ThreadOptions): void {
  const database = openConnection(path, durability)
  const turns = createWriteLoop({
    writes: createSqliteTransactions(database),
    receive: () => receiveMessageOnPort(port)?.message as WriterRequest | undefined,
    say: outcomes => port.postMessage(outcomes),
    end() {
      database.close()
      port.close()
    },
  })
  port.on('message', turns.work)
}

if (!isMainThread) serve(workerData as ThreadOptions)
