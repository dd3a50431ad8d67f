import type { Block } from './block.ts'
import type { SqliteTransactions } from './sqlite-transactions.ts'
import type { Checkpoint, DamagedParts } from './store.ts'

/** A write to the database. */
export type WriteCommand =
  | { kind: 'append'; block: Block }
  | { kind: 'commit'; site: string; checkpoint: Checkpoint }
  | { kind: 'expire'; site: string; tier: string; before: number }
  | { kind: 'damaged'; damaged: DamagedParts }
  | { kind: 'trim'; before: number }
  | { kind: 'wipe' }
  | { kind: 'probe' }

/** A message to the writer thread. A response has the id of its request. */
export type WriterRequest = { id: number; command: WriteCommand } | 'close'

/** The result of one request: the offset of the last appended record (0 for other commands), or the error. */
export type WriterResponse = { id: number; offset: number } | { id: number; error: unknown }

type AppendCommand = Extract<WriteCommand, { kind: 'append' }>
type OtherCommand = Exclude<WriteCommand, AppendCommand>

interface Pending<Command extends WriteCommand> {
  id: number
  command: Command
}

export interface WriteLoopOptions {
  transactions: SqliteTransactions
  /** Returns the next request that has arrived, if any. */
  receive(): WriterRequest | undefined
  respond(responses: readonly WriterResponse[]): void
  /** Called after a close request, when all requests before it are done. */
  onClosed(): void
}

export interface WriteLoop {
  /** Handles a request, and all requests that arrive meanwhile. */
  handle(request: WriterRequest): void
}

/**
 * Runs write commands alternately: all waiting appends in one transaction, then one step of another command. So
 * neither appends nor other commands wait for a long series of the other.
 */
export function createWriteLoop(options: WriteLoopOptions): WriteLoop {
  const { transactions, receive, respond, onClosed } = options
  const appends: Pending<AppendCommand>[] = []
  const others: Pending<OtherCommand>[] = []
  let isClosing = false

  function enqueue(request: WriterRequest): void {
    if (request === 'close') {
      isClosing = true
      return
    }
    const { id, command } = request
    if (command.kind === 'append') appends.push({ id, command })
    else others.push({ id, command })
  }

  /** Runs one step of the first other command. A command with further steps goes to the end of the queue. */
  function runNextStep(): void {
    const pending = others.shift()
    if (!pending) return
    const { id, command } = pending
    try {
      const progress = runStep(transactions, command)
      if (progress === 'done') respond([{ id, offset: 0 }])
      else others.push(pending)
    } catch (error) {
      respond([{ id, error }])
    }
  }

  return {
    handle(request) {
      enqueue(request)
      let hasWork = true
      while (hasWork) {
        for (let next = receive(); next; next = receive()) enqueue(next)
        hasWork = appends.length > 0 || others.length > 0
        if (appends.length > 0) respond(runAppends(transactions, appends.splice(0)))
        runNextStep()
      }
      if (isClosing) onClosed()
    },
  }
}

/** Appends blocks in one transaction (group commit), which waits for the disk once. */
function runAppends(
  transactions: SqliteTransactions,
  group: readonly Pending<AppendCommand>[],
): WriterResponse[] {
  try {
    const last = transactions.append(group.map(({ command }) => command.block))
    const count = group.reduce((sum, { command }) => sum + command.block.count, 0)
    let offset = last - count
    return group.map(({ id, command }) => {
      offset += command.block.count
      return { id, offset }
    })
  } catch (error) {
    return group.map(({ id }) => ({ id, error }))
  }
}

/** Runs one transaction of a command. Only a trim of many blocks needs more than one. */
function runStep(transactions: SqliteTransactions, command: OtherCommand): 'done' | 'unfinished' {
  switch (command.kind) {
    case 'damaged':
      transactions.markDamaged(command.damaged)
      return 'done'
    case 'commit':
      transactions.commit(command.site, command.checkpoint)
      return 'done'
    case 'expire':
      transactions.expire(command.site, command.tier, command.before)
      return 'done'
    case 'trim':
      return transactions.trimStep(command.before)
    case 'probe':
      transactions.probe()
      return 'done'
    case 'wipe':
      transactions.wipe()
      return 'done'
  }
}
