import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Message of the child process: the port when it accepts requests, or the reason of a failed start. */
export type ChildMessage = { port: number } | { failure: string }

/** Time to close before the process is killed. */
const closeTimeoutMs = 3000

export interface AnalyticsProcessOptions {
  /** Directory of the server's log; created when missing. */
  dataDir: string
  /** Days of simulated history in a new data directory. */
  historyDays: number
  /** Called when the running server ends unexpectedly. */
  onCrash(reason: string): void
}

/** The analytics server in a child process. It can be killed and then restores its state from its log. */
export interface AnalyticsProcess {
  /** Port on this machine; `undefined` while the server is down. */
  readonly port: number | undefined
  /** Starts the server. Resolves when it accepts requests. */
  start(): Promise<void>
  /**
   * Kills the server with SIGKILL, waits for `downMs`, and starts it again. Resolves when it accepts
   * requests. A call during a restart returns the promise of that restart.
   */
  restart(downMs: number): Promise<void>
  /** Closes the server gracefully. Resolves when the process has exited. */
  close(): Promise<void>
}

export function createAnalyticsProcess({
  dataDir,
  historyDays,
  onCrash,
}: AnalyticsProcessOptions): AnalyticsProcess {
  const closing = new AbortController()
  let child: ChildProcess | undefined
  let port: number | undefined
  let restarting: Promise<void> | undefined

  async function start(): Promise<void> {
    const started = fork(
      fileURLToPath(new URL('analytics-child.ts', import.meta.url)),
      [dataDir, String(historyDays)],
      {
        // Hides Node's warning that `node:sqlite` is experimental.
        execArgv: ['--disable-warning=ExperimentalWarning'],
      },
    )
    child = started
    started.on('exit', (code, signal) => {
      if (child !== started) return
      child = undefined
      const wasRunning = port !== undefined
      port = undefined
      if (wasRunning) onCrash(signal ?? `exit code ${code}`)
    })
    const message = await waitForMessage(started)
    if ('failure' in message) throw new Error(message.failure)
    if (child === started) port = message.port
  }

  /** Kills the process without a graceful close. Resolves when it has exited. */
  async function kill(): Promise<void> {
    const killed = child
    child = undefined
    port = undefined
    if (!killed || hasEnded(killed)) return
    const exited = once(killed, 'exit')
    killed.kill('SIGKILL')
    await exited
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
      const exited = once(closed, 'exit')
      closed.disconnect()
      const timeout = setTimeout(() => closed.kill('SIGKILL'), closeTimeoutMs)
      await exited
      clearTimeout(timeout)
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Waits for the child's only message. An exit without a message is a failure. */
function waitForMessage(child: ChildProcess): Promise<ChildMessage> {
  return new Promise(resolve => {
    child.once('message', (message: ChildMessage) => resolve(message))
    child.once('error', error => resolve({ failure: error.message }))
    child.once('exit', (code, signal) => {
      resolve({
        failure: `The analytics server ended before it was ready (${signal ?? `exit code ${code}`}).`,
      })
    })
  })
}
