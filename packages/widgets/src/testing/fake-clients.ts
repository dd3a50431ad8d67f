import type { ChannelName, EventProperty, State } from '@tidemark/protocol'
import type { LiveClient, LiveOptions, LiveStatus, LiveView } from '@tidemark/sdk/live'
import type { ClientFactory } from '../store/connection.ts'
import { idleView } from '../store/idle-view.ts'

/** A scriptable live client that records its calls. */
export interface FakeClient extends LiveClient {
  readonly options: LiveOptions
  /** Channels of each open subscription. */
  readonly subscriptions: readonly (readonly ChannelName[])[]
  /** Paths of the last subscription. */
  readonly paths: readonly string[]
  readonly properties: readonly EventProperty[]
  readonly refreshCount: number
  /** Number of times the last subscription was closed. */
  readonly stopCount: number
  /** Applies new values of some channels, as a frame or a poll does. */
  receive(state: State, status?: Partial<LiveStatus>): void
  /** Changes the status only. */
  setStatus(status: Partial<LiveStatus>): void
}

export interface FakeClients {
  readonly create: ClientFactory
  /** All created clients, oldest first. */
  readonly created: readonly FakeClient[]
  /** The last created client. */
  readonly last: FakeClient
}

const connected: Partial<LiveStatus> = { phase: 'live', transport: 'websocket' }

export function createFakeClients(): FakeClients {
  const created: FakeClient[] = []
  return {
    created,
    create(options) {
      const client = createFakeClient(options)
      created.push(client)
      return client
    },
    get last() {
      const client = created.at(-1)
      if (!client) throw new Error('No client was created.')
      return client
    },
  }
}

function createFakeClient(options: LiveOptions): FakeClient {
  const subscriptions = new Map<object, readonly ChannelName[]>()
  const listeners = new Map<object, (view: LiveView) => void>()
  let view: LiveView = idleView
  let paths: readonly string[] = []
  let properties: readonly EventProperty[] = []
  let refreshCount = 0
  let stopCount = 0

  function update(state: State, status: Partial<LiveStatus>): void {
    view = { state: { ...view.state, ...state }, status: { ...view.status, ...status } }
    for (const listener of listeners.values()) listener(view)
  }

  return {
    options,
    get view() {
      return view
    },
    get subscriptions() {
      return [...subscriptions.values()]
    },
    get refreshCount() {
      return refreshCount
    },
    get stopCount() {
      return stopCount
    },
    get properties() {
      return properties
    },
    get paths() {
      return paths
    },
    subscribe(channels, listener, subscription = {}) {
      const id = {}
      paths = subscription.paths ?? []
      properties = subscription.properties ?? []
      subscriptions.set(id, channels)
      listeners.set(id, listener)
      return () => {
        subscriptions.delete(id)
        listeners.delete(id)
        if (subscriptions.size > 0) return
        stopCount += 1
        update({}, { phase: 'idle', transport: 'none' })
      }
    },
    async refresh() {
      refreshCount += 1
    },
    receive: (state, status) => update(state, { ...connected, syncedAt: Date.now(), ...status }),
    setStatus: status => update({}, status),
  }
}
