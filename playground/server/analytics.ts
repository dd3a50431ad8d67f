import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** What the child says when it takes requests, or cannot. */
export type ChildMessage = { port: number } | { failure: string }

/** How long a close may take before it is ended the hard way. */
const closeMs = 3000

export interface AnalyticsOptions {
  /** Directory of the server's log, made when it is missing. */
  dataDir: string
  /** Called when the server has ended though nobody ended it. */
  onCrash(reason: string): void
}

/** The analytics server as a process: it can be killed, and comes back with what its log holds. */
export interface Analytics {
  /** Where it listens on this machine; `undefined` while it does not. */
  readonly port: number | undefined
  /** Starts it; resolves when it takes requests. */
  start(): Promise<void>
  /**
   * Kills it with SIGKILL, leaves it dead for `downMs`, and starts it again; resolves when it takes
   * requests. Asked again meanwhile, it goes on with the restart that is under way.
   */
  restart(downMs: number): Promise<void>
  /** Closes it in an orderly way; resolves when the process is gone. */
  close(): Promise<void>
}

export function createAnalytics({ dataDir, onCrash }: AnalyticsOptions): Analytics {
  const closing = new AbortController()
  let child: ChildProcess | undefined
  let port: number | undefined
  let restarting: Promise<void> | undefined

  async function start(): Promise<void> {
    const started = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [dataDir], {
      // Node says on every start that `node:sqlite` is experimental; the user can do nothing about it.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    child = started
    started.on('exit', (code, signal) => {
      if (child !== started) return
      child = undefined
      const wasUp = port !== undefined
      port = undefined
      if (wasUp) onCrash(signal ?? `exit code ${code}`)
    })
    const message = await firstMessage(started)
    if ('failure' in message) throw new Error(message.failure)
    if (child === started) port = message.port
  }

  /** Resolves when the process is gone. What it had open is closed by the system, not by it. */
  async function kill(): Promise<void> {
    const killed = child
    child = undefined
    port = undefined
    if (!killed || hasEnded(killed)) return
    const gone = once(killed, 'exit')
    killed.kill('SIGKILL')
    await gone
  }

  async function killAndStart(downMs: number): Promise<void> {
    await kill()
    await sleep(downMs, undefined, { signal: closing.signal })
    await start()
  }

  return {
    get port() {
      return port
    },
    start,
    restart(downMs) {
      restarting ??= killAndStart(downMs).finally(() => (restarting = undefined))
      return restarting
    },
    async close() {
      closing.abort()
      await restarting?.catch(() => {})
      const closed = child
      child = undefined
      port = undefined
      if (!closed || hasEnded(closed)) return
      const gone = once(closed, 'exit')
      closed.disconnect()
      const late = setTimeout(() => closed.kill('SIGKILL'), closeMs)
      await gone
      clearTimeout(late)
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** The child's one message; that it ended without one is a failure too. */
function firstMessage(child: ChildProcess): Promise<ChildMessage> {
  return new Promise(resolve => {
    child.once('message', (message: ChildMessage) => resolve(message))
    child.once('error', error => resolve({ failure: error.message }))
    child.once('exit', (code, signal) => {
      resolve({ failure: `The server ended before it was ready (${signal ?? code}).` })
    })
  })
}
