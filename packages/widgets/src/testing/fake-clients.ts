import type { ChannelName, State } from '@tidemark/protocol'
import type { LiveClient, LiveOptions, LiveStatus, LiveView } from '@tidemark/sdk/live'
import type { ClientFactory } from '../store/connection.ts'
import { idleView } from '../store/idle-view.ts'

/** A live client that is told what has arrived, and keeps a log of what it was asked for. */
export interface FakeClient extends LiveClient {
  readonly options: LiveOptions
  /** The channels of each subscription that is open. */
  readonly open: readonly (readonly ChannelName[])[]
  readonly refreshCount: number
  /** How often the last subscription was closed. */
  readonly restCount: number
  /** Takes in new values of some channels, as a frame or a poll would. */
  receive(state: State, status?: Partial<LiveStatus>): void
  /** Changes the status alone. */
  become(status: Partial<LiveStatus>): void
}

export interface FakeClients {
  readonly create: ClientFactory
  /** Every client that was made, oldest first. */
  readonly made: readonly FakeClient[]
  /** The one that was made last. */
  readonly last: FakeClient
}

const working: Partial<LiveStatus> = { phase: 'live', transport: 'websocket' }

export function createFakeClients(): FakeClients {
  const made: FakeClient[] = []
  return {
    made,
    create(options) {
      const client = createFakeClient(options)
      made.push(client)
      return client
    },
    get last() {
      const client = made.at(-1)
      if (!client) throw new Error('No client has been made.')
      return client
    },
  }
}

function createFakeClient(options: LiveOptions): FakeClient {
  const subscriptions = new Map<object, readonly ChannelName[]>()
  const listeners = new Map<object, (view: LiveView) => void>()
  let view: LiveView = idleView
  let refreshCount = 0
  let restCount = 0

  function show(state: State, status: Partial<LiveStatus>): void {
    view = { state: { ...view.state, ...state }, status: { ...view.status, ...status } }
    for (const listener of listeners.values()) listener(view)
  }

  return {
    options,
    get view() {
      return view
    },
    get open() {
      return [...subscriptions.values()]
    },
    get refreshCount() {
      return refreshCount
    },
    get restCount() {
      return restCount
    },
    subscribe(channels, listener) {
      const id = {}
      subscriptions.set(id, channels)
      listeners.set(id, listener)
      return () => {
        subscriptions.delete(id)
        listeners.delete(id)
        if (subscriptions.size > 0) return
        restCount += 1
        show({}, { phase: 'idle', transport: 'none' })
      }
    },
    async refresh() {
      refreshCount += 1
    },
    receive: (state, status) => show(state, { ...working, syncedAt: Date.now(), ...status }),
    become: status => show({}, status),
  }
}
