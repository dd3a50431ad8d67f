import type { Block } from './block.ts'
import type { SqliteTransactions } from './sqlite-transactions.ts'
import type { Checkpoint } from './store.ts'

/** What is to be written. */
export type WriteCommand =
  | { what: 'append'; block: Block }
  | { what: 'commit'; site: string; checkpoint: Checkpoint }
  | { what: 'forget'; site: string; tier: string; before: number }
  | { what: 'trim'; before: number }
  | { what: 'wipe' }

/** To the thread. The number is that of the answer. */
export type WriterRequest = { id: number; write: WriteCommand } | 'close'

/** What became of what was to be written: the offset of the last record, or why it could not be. */
export type WriterResponse = { id: number; offset: number } | { id: number; error: unknown }

type Append = Extract<WriteCommand, { what: 'append' }>
type Other = Exclude<WriteCommand, Append>

interface Task<Kind extends WriteCommand> {
  id: number
  write: Kind
}

export interface WriteLoopOptions {
  writes: SqliteTransactions
  /** The next order that has come, if any. */
  receive(): WriterRequest | undefined
  say(outcomes: readonly WriterResponse[]): void
  /** Called when it was told to close, and all that it was told before is done. */
  end(): void
}

/** Decides what is written when: records and other things in turns, so that neither waits for the last of the other. */
export function createWriteLoop({ writes, receive, say, end }: WriteLoopOptions): {
  /** Takes an order, and does all there is to do. */
  work(order: WriterRequest): void
} {
  const appends: Task<Append>[] = []
  const others: Task<Other>[] = []
  let isClosing = false

  function take(order: WriterRequest): void {
    if (order === 'close') isClosing = true
    else if (order.write.what === 'append') appends.push({ id: order.id, write: order.write })
    else others.push({ id: order.id, write: order.write })
  }

  /** All that waits shares one transaction (group commit), and so one wait for the disk. */
  function append(): WriterResponse[] {
    const group = appends.splice(0)
    try {
      let offset = writes.append(group.map(({ write }) => write.block))
      return group
        .toReversed()
        .map(({ id, write }) => {
          const outcome = { id, offset }
          offset -= write.block.count
          return outcome
        })
        .toReversed()
    } catch (error) {
      return group.map(({ id }) => ({ id, error }))
    }
  }

  /** Does one of the other things, or a part of it. */
  function step(task: Task<Other>): WriterResponse | undefined {
    const { id, write } = task
    try {
      if (!isToGoOn(write, writes)) return { id, offset: 0 }
      others.push(task)
      return undefined
    } catch (error) {
      return { id, error }
    }
  }

  function work(order: WriterRequest): void {
    take(order)
    for (;;) {
      for (let next = receive(); next; next = receive()) take(next)
      // In turns: on a slow disk there are always records that wait.
      const hasAppends = appends.length > 0
      if (hasAppends) say(append())
      const task = others.shift()
      const outcome = task && step(task)
      if (outcome) say([outcome])
      if (!task && !hasAppends) break
    }
    if (isClosing) end()
  }

  return { work }
}

/** Writes, and says whether there is more of it to be written. */
function isToGoOn(write: Other, writes: SqliteTransactions): boolean {
  switch (write.what) {
    case 'commit':
      writes.commit(write.site, write.checkpoint)
      return false
    case 'forget':
      writes.forget(write.site, write.tier, write.before)
      return false
    case 'trim':
      return writes.trim(write.before)
    case 'wipe':
      writes.wipe()
      return false
  }
}
