import {
  type ChannelName,
  type Cursor,
  type ErrorCode,
  type MessageErrorCode,
  closeCodes,
  parseCursor,
} from '@tidemark/protocol'
import type { Authorization, Refusal, SelectFigures } from '../guard/authorization.ts'
import type { Reader } from './reader.ts'
import { noRoomForProperties, readSelection } from './selection.ts'

export interface SubscriptionsOptions {
  channels: readonly ChannelName[]
  /** Most requests that wait for `authorize`. */
  bounds: { readonly maxMessages: number }
  reader: Pick<
    Reader,
    'isOpen' | 'authorization' | 'authorize' | 'prepare' | 'subscribe' | 'forbid' | 'disconnect'
  >
  /** Sends an error message. */
  refuse(code: MessageErrorCode, detail: string, id: number | undefined): void
}

/** The subscriptions of one WebSocket, each with figures that its reader may read. */
export interface Subscriptions {
  /** Handles `sub`. */
  subscribe(message: Record<string, unknown>, id: number | undefined): void
  /** Handles `auth`. */
  renew(token: unknown, id: number | undefined): void
}

/** Shortest time until a reader reconnects after `authorize` has failed or timed out, in milliseconds. */
const failureRetryMs = 10_000

const invalidCursor = '`since` must be a cursor exactly as the server sent it.'

/** Handles requests in the order of their arrival, also while one of them waits for `authorize`. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { channels, bounds, reader, refuse } = options
  let waiting = 0
  let last: Promise<void> | undefined

  /** Runs a request after those that wait. It runs at once when there are none. */
  function enqueue(run: () => Promise<void> | undefined): void {
    if (waiting >= bounds.maxMessages) {
      reader.disconnect(closeCodes.backOff, failureRetryMs)
      return
    }
    const running = last ? last.then(() => (reader.isOpen ? run() : undefined)) : run()
    if (!running) return
    waiting++
    const done = running.finally(() => {
      waiting--
      if (last === done) last = undefined
    })
    last = done
  }

  function apply(
    selected: Authorization | Refusal,
    id: number | undefined,
    since: Cursor | undefined,
  ): Promise<void> | undefined {
    if (!reader.isOpen) return undefined
    if ('code' in selected) {
      refuseSelection(selected, id)
      return undefined
    }
    const { figures } = selected
    if (figures?.kind !== 'live') return undefined
    const subscribe = (isReady: boolean): void => {
      if (!reader.isOpen) return
      if (isReady) reader.subscribe(id, figures, since, selected)
      else refuse('too_busy', noRoomForProperties, id)
    }
    const prepared = reader.prepare(figures, selected)
    if (typeof prepared !== 'boolean') {
      // History could not be read. The reader polls, and that answer reports the error.
      return prepared.then(subscribe, () => reader.disconnect(closeCodes.backOff, failureRetryMs))
    }
    subscribe(prepared)
    return undefined
  }

  function refuseSelection({ code, detail = '' }: Refusal, id: number | undefined): void {
    if (isMessageError(code)) refuse(code, detail, id)
    else if (code === 'refused') {
      refuse('selection_forbidden', 'The `authorize` function of the server refused it.', id)
    } else if (code === 'authorize_timeout' || code === 'internal') {
      reader.disconnect(closeCodes.backOff, failureRetryMs)
    } else reader.disconnect(closeCodes.tokenExpired, 0)
  }

  async function renewNow(token: string, id: number | undefined): Promise<void> {
    const renewed = await reader.authorization.renew(token)
    if (!reader.isOpen) return
    if (!('code' in renewed)) {
      reader.authorize(renewed)
    } else if (renewed.code === 'selection_forbidden') {
      reader.forbid(renewed, id)
    } else refuseToken(id)
  }

  function refuseToken(id: number | undefined): void {
    const detail = 'The token does not authorize this connection; the previous one stays valid.'
    refuse('token_invalid', detail, id)
  }

  return {
    subscribe(message, id) {
      const { channels: names, minutes, paths, properties, since } = message
      const cursor = typeof since === 'string' ? parseCursor(since) : undefined
      const isCursor = cursor !== undefined || since === undefined
      const select: SelectFigures = access => {
        const request = { channels: names, minutes, paths, properties }
        const selection = readSelection(channels, request, access)
        if ('code' in selection || isCursor) return selection
        return { code: 'cursor_invalid', detail: invalidCursor }
      }
      enqueue(() => {
        const selected = reader.authorization.select(select)
        if (!(selected instanceof Promise)) return apply(selected, id, cursor)
        return selected.then(result => apply(result, id, cursor))
      })
    },
    renew(token, id) {
      if (typeof token === 'string') enqueue(() => renewNow(token, id))
      else refuseToken(id)
    },
  }
}

function isMessageError(code: ErrorCode): code is ErrorCode & MessageErrorCode {
  return ['selection_invalid', 'selection_forbidden', 'cursor_invalid'].includes(code)
}
