import {
  type Cursor,
  type Selection,
  type ServerMessage,
  closeCodes,
  formatCursor,
} from '@tidemark/protocol'
import { type Authorization, type Refusal, openAuthorization } from '../guard/authorization.ts'
import { createDelivery } from './delivery.ts'
import { watchExpiry } from './expiry.ts'
import type { FrameSink } from './frame-sink.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { ReaderSettings } from './reader-bounds.ts'
import type { Stream } from './stream.ts'

export interface ReaderOptions extends ReaderSettings {
  stream: Stream
  /** Returns the stream in which counts below a minimum are hidden. @default `stream` for every minimum */
  streamOf?: (minCount: number) => Stream
  sink: FrameSink
  /** @default one that never ends */
  authorization?: Authorization | undefined
  /** Called at least once in each heartbeat. */
  onBeat?: () => void
  /** Called before each ping. Returns false when it has terminated the reader. */
  onPing?: () => boolean
  /** Returns whether the reader has not answered a ping. @default never */
  isUnanswered?: () => boolean
}

/** One reader to which frames are pushed. */
export interface Reader {
  readonly isOpen: boolean
  /**
   * Prepares a selection for `subscribe`: reads the events of its properties from history. Resolves with whether there
   * is room for them.
   */
  prepare(selection: Selection, authorization: Authorization): boolean | Promise<boolean>
  /**
   * Replaces the selection. Sends a replay after a cursor, otherwise a snapshot.
   * @param id named in the answer
   * @param authorization for this selection. @default the one that is valid now
   */
  subscribe(
    id: number | undefined,
    selection: Selection,
    since: Cursor | undefined,
    authorization?: Authorization,
  ): void
  /** Terminates the reader when its buffer is above the hard bound. Returns whether it did. */
  terminateIfTooSlow(): boolean
  /** The authorization that is valid now. */
  readonly authorization: Authorization
  /** Replaces the authorization. The connection closes when it ends. */
  authorize(authorization: Authorization): void
  /**
   * Authorizes again if the access rules have changed. Closes the connection when they refuse its figures, and
   * continues with the stream that they allow.
   */
  recheck(): Promise<void>
  /** Closes the connection of a reader that may no longer read its figures, with the reason. */
  forbid(refusal: Refusal, id?: number): void
  /** Closes the connection; the reader reconnects after `retryMs`. */
  disconnect(code: number, retryMs: number): void
  /** Closes the connection of a reader that does not read. */
  terminate(code: number): void
  /** Releases everything after the connection has closed. */
  stop(): void
}

/** Time over which readers spread their reconnects at the end of their lifetime, in milliseconds. */
const rotationSpreadMs = 1000

/** Time over which refused readers spread their reconnects after the access rules changed, in milliseconds. */
const recheckSpreadMs = 5000

export function openReader(options: ReaderOptions): Reader {
  const { stream, sink, clock, random, bounds, onBeat, onPing, isUnanswered } = options
  const { streamOf = () => stream } = options
  let isOpen = true
  // Retained before its first subscription too: the stream of an evicted site publishes nothing.
  const releaseStream = stream.retain()
  const delivery = createDelivery({ stream, sink, bounds, terminateIfTooSlow })
  const heartbeat = startHeartbeat({
    clock,
    bounds,
    lastFrameAt: () => delivery.lastFrameAt,
    isUnanswered: isUnanswered ?? (() => false),
    onBeat: onBeat ?? (() => {}),
    ping,
  })
  const expiry = watchExpiry({
    authorization: options.authorization ?? openAuthorization,
    clock,
    onExpiring: inMs => send({ type: 'expiring', in: inMs }),
    onExpired: () => disconnect(closeCodes.tokenExpired, 0),
  })
  const lifetimeMs = bounds.lifetimeMs * (0.8 + 0.2 * random())
  const cancelRotation = clock.after(lifetimeMs, () =>
    disconnect(closeCodes.draining, Math.round(random() * rotationSpreadMs)),
  )

  function send(message: ServerMessage): void {
    sink.send(JSON.stringify(message))
  }

  function stop(): void {
    isOpen = false
    heartbeat.stop()
    expiry.stop()
    cancelRotation()
    delivery.stop()
    releaseStream()
  }

  function disconnect(code: number, retryMs: number): void {
    if (!isOpen) return
    send({ type: 'bye', code, retry: retryMs })
    stop()
    sink.close(code)
  }

  function terminate(code: number): void {
    disconnect(code, 0)
    sink.terminate()
  }

  function terminateIfTooSlow(): boolean {
    if (sink.bufferedBytes() <= bounds.maxBufferBytes) return false
    terminate(closeCodes.tooSlow)
    return true
  }

  function ping(): void {
    if (onPing?.() === false || terminateIfTooSlow()) return
    if (!delivery.checkBuffer()) {
      terminate(closeCodes.tooSlow)
      return
    }
    const head = formatCursor(stream.head)
    send({ type: 'ping', head, cursor: formatCursor(delivery.cursor()) })
  }

  function authorize(authorization: Authorization): void {
    expiry.replace(authorization)
    // Another minimum of counts is another stream.
    delivery.move(streamOf(authorization.access.minCount))
  }

  async function recheck(): Promise<void> {
    const refusal = await expiry.recheck()
    if (!isOpen) return
    if (!refusal) authorize(expiry.authorization)
    else if (refusal.code === 'selection_forbidden') forbid(refusal)
    else disconnect(closeCodes.tokenExpired, Math.round(random() * recheckSpreadMs))
  }

  function forbid({ detail = '' }: Refusal, id?: number): void {
    send({ type: 'error', ...(id !== undefined && { id }), code: 'selection_forbidden', detail })
    disconnect(closeCodes.refused, 0)
  }

  // The rules may have changed between the authorization and the upgrade.
  void recheck()
  send({ type: 'hello', epoch: stream.head.epoch, heartbeat: bounds.heartbeatMs })

  return {
    get isOpen() {
      return isOpen
    },
    prepare: (selection, { access }) => streamOf(access.minCount).prepare(selection),
    subscribe(id, selection, since, authorization = expiry.authorization) {
      expiry.replace(authorization)
      // A ping after each subscription proves it, also while frames are sent.
      heartbeat.requirePing()
      delivery.subscribe(streamOf(authorization.access.minCount), id, selection, since)
    },
    terminateIfTooSlow,
    get authorization() {
      return expiry.authorization
    },
    authorize,
    recheck,
    forbid,
    disconnect,
    terminate,
    stop,
  }
}
