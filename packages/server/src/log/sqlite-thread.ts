import {
  type MessagePort,
  isMainThread,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads'
import type { LogRecord } from './log.ts'
import { type Durability, connect } from './sqlite-database.ts'
import { type SqliteWrites, createSqliteWrites } from './sqlite-writes.ts'
import type { Checkpoint } from './store.ts'

/*
 * The thread that writes to the database, so that nothing else waits for the disk: see `createSqliteWriter`.
 */

export interface ThreadOptions {
  path: string
  durability: Durability
  /** Where orders come from and outcomes go to. */
  port: MessagePort
}

/** What is to be written. */
export type Write =
  | { what: 'append'; records: readonly LogRecord[] }
  | { what: 'commit'; site: string; checkpoint: Checkpoint }
  | { what: 'forget'; site: string; tier: string; before: number }
  | { what: 'trim'; before: number }
  | { what: 'wipe' }

/** To the thread. The number is that of the answer. */
export type Order = { id: number; write: Write } | 'close'

/** What became of what was to be written: the offset of the last record, or why it could not be. */
export type Outcome = { id: number; offset: number } | { id: number; error: unknown }

type Task<What extends Write['what']> = { id: number; write: Extract<Write, { what: What }> }

/** Writes what it is told to until it is told to close. */
function serve({ path, durability, port }: ThreadOptions): void {
  const database = connect(path, durability)
  const writes = createSqliteWrites(database)
  const appends: Task<'append'>[] = []
  const others: Exclude<Order, 'close'>[] = []
  let isClosing = false

  function take(order: Order): void {
    if (order === 'close') isClosing = true
    else if (order.write.what === 'append') appends.push({ id: order.id, write: order.write })
    else others.push(order)
  }

  /** All that waits shares one transaction (group commit), and so one wait for the disk. */
  function append(): Outcome[] {
    const group = appends.splice(0)
    try {
      let offset = writes.append(group.flatMap(({ write }) => write.records))
      return group
        .toReversed()
        .map(({ id, write }) => {
          const outcome = { id, offset }
          offset -= write.records.length
          return outcome
        })
        .toReversed()
    } catch (error) {
      return group.map(({ id }) => ({ id, error }))
    }
  }

  /** Does one of the other things, or a part of it. */
  function step(task: Exclude<Order, 'close'>): Outcome[] {
    const { id, write } = task
    try {
      if (isToGoOn(write, writes)) {
        others.push(task)
        return []
      }
      return [{ id, offset: 0 }]
    } catch (error) {
      return [{ id, error }]
    }
  }

  function say(outcomes: readonly Outcome[]): void {
    if (outcomes.length > 0) port.postMessage(outcomes)
  }

  function work(): void {
    for (;;) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        take(next.message as Order)
      }
      // In turns: on a slow disk there are always records that wait.
      const hasAppends = appends.length > 0
      if (hasAppends) say(append())
      const task = others.shift()
      if (task) say(step(task))
      else if (!hasAppends) break
    }
    if (!isClosing) return
    database.close()
    port.close()
  }

  port.on('message', (order: Order) => {
    take(order)
    work()
  })
}

/** Writes, and says whether there is more of it to be written. */
function isToGoOn(write: Write, writes: SqliteWrites): boolean {
  switch (write.what) {
    case 'append':
      writes.append(write.records)
      return false
    case 'commit':
      writes.commit(write.site, write.checkpoint)
      return false
    case 'forget':
      writes.forget(write.site, write.tier, write.before)
      return false
    case 'trim':
      return writes.trim(write.before)
    case 'wipe':
      return writes.wipe()
  }
}

if (!isMainThread) serve(workerData as ThreadOptions)
