import { type Ref, readonly, ref } from 'vue'
import type { PlaygroundState, Switches } from '../server/switches.ts'
import { usePolling } from './usePolling.ts'

export interface PlaygroundControls {
  /** `undefined` before the first response. */
  readonly state: Readonly<Ref<Readonly<PlaygroundState> | undefined>>
  /** Whether the last request succeeded; otherwise the playground has probably been stopped. */
  readonly isReachable: Readonly<Ref<boolean>>
  set(switches: Partial<Switches>): Promise<void>
  /** Kills the analytics server, which then restarts automatically. */
  restart(): Promise<void>
}

const pollPauseMs = 1000

/** Reads and sets the playground's switches. The simulated network faults do not affect these requests. */
export function usePlayground(): PlaygroundControls {
  const state = ref<PlaygroundState>()
  const isReachable = ref(true)
  /** Number of the latest request. Older responses are ignored, because they may undo a switch on screen. */
  let lastRequest = 0

  async function request(path: string, init: RequestInit): Promise<void> {
    const requestNumber = ++lastRequest
    try {
      const response = await fetch(`/playground/${path}`, init)
      if (!response.ok) throw new Error(`The playground answered with status ${response.status}.`)
      const answer = (await response.json()) as PlaygroundState
      if (requestNumber === lastRequest) state.value = answer
      isReachable.value = true
    } catch {
      if (!init.signal?.aborted) isReachable.value = false
    }
  }

  function post(path: string, body: object): Promise<void> {
    return request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  usePolling(pollPauseMs, signal => request('switches', { signal }))
  return {
    state: readonly(state),
    isReachable: readonly(isReachable),
    async set(switches) {
      if (state.value) state.value = { ...state.value, ...switches }
      await post('switches', switches)
      // Browsers fire this event when the network returns. Clients then retry immediately.
      if (switches.network === 'up') window.dispatchEvent(new Event('online'))
    },
    async restart() {
      if (state.value) state.value = { ...state.value, server: 'down' }
      await post('restart', {})
    },
  }
}
