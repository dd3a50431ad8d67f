import { createReconnectPolicy } from './reconnect-policy.ts'
import type { TransportConnection, TransportOptions } from './transport.ts'

export type OpenTransport = (options: TransportOptions) => TransportConnection

/** Time after which loading counts as failed. */
const timeoutMs = 8000

/**
 * Loads a transport and opens it. A failed attempt to load counts as a connection that closed, and the next one follows
 * after the same delay.
 */
export function openWhenLoaded(
  load: () => Promise<OpenTransport>,
  options: TransportOptions,
): TransportConnection {
  const { platform } = options
  const policy = createReconnectPolicy(platform)
  let connection: TransportConnection | undefined
  let isStopped = false
  let timer: unknown

  function scheduleLoad(): void {
    timer = platform.setTimeout(() => {
      const timeout = new Promise<never>((_, reject) => {
        timer = platform.setTimeout(reject, timeoutMs)
      })
      void Promise.race([load(), timeout]).then(open, handleFailure)
    }, policy.nextDelayMs())
  }

  function open(openTransport: OpenTransport): void {
    if (isStopped) return
    platform.clearTimeout(timer)
    connection = openTransport(options)
  }

  function handleFailure(): void {
    if (isStopped) return
    platform.clearTimeout(timer)
    scheduleLoad()
    options.onLost({ reason: 'broken', retryAfterMs: policy.connectionClosed() })
  }

  scheduleLoad()

  return {
    get retryAt() {
      return connection ? connection.retryAt : policy.retryAt
    },
    get isOpen() {
      return connection?.isOpen ?? false
    },
    get maxSilenceMs() {
      return connection?.maxSilenceMs ?? timeoutMs
    },
    resubscribe: () => connection?.resubscribe(),
    reconnect: () => connection?.reconnect(),
    stop() {
      isStopped = true
      platform.clearTimeout(timer)
      connection?.stop()
    },
  }
}
