import {
  type MessagePort,
  isMainThread,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads'
import { type Durability, connect } from './sqlite-database.ts'
import { type Order, createWriteLoop } from './sqlite-write-loop.ts'
import { createSqliteWrites } from './sqlite-writes.ts'

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
  const database = connect(path, durability)
  const turns = createWriteLoop({
    writes: createSqliteWrites(database),
    receive: () => receiveMessageOnPort(port)?.message as Order | undefined,
    say: outcomes => port.postMessage(outcomes),
    end() {
      database.close()
      port.close()
    },
  })
  port.on('message', turns.work)
}

if (!isMainThread) serve(workerData as ThreadOptions)
