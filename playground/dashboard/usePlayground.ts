import { type Ref, readonly, ref } from 'vue'
import type { PlaygroundState, Switches } from '../server/switches.ts'
import { useEvery } from './usePolling.ts'

export interface PlaygroundControls {
  /** `undefined` before the first answer. */
  readonly state: Readonly<Ref<Readonly<PlaygroundState> | undefined>>
  /** Whether the last request was answered; without an answer the playground itself has been stopped. */
  readonly isThere: Readonly<Ref<boolean>>
  set(switches: Partial<Switches>): Promise<void>
  /** Kills the analytics server; it comes back by itself. */
  restart(): Promise<void>
}

const everyMs = 1000

/** The switches of the playground. They are reached past the network that they cut. */
export function usePlayground(): PlaygroundControls {
  const state = ref<PlaygroundState>()
  const isThere = ref(true)
  /** An answer that was asked for before a switch was turned would turn it back on the screen. */
  let asked = 0

  async function ask(path: string, init: RequestInit): Promise<void> {
    const turn = ++asked
    try {
      const response = await fetch(`/playground/${path}`, init)
      if (!response.ok) throw new Error(`Status ${response.status}`)
      const answer = (await response.json()) as PlaygroundState
      if (turn === asked) state.value = answer
      isThere.value = true
    } catch {
      if (!init.signal?.aborted) isThere.value = false
    }
  }

  function post(path: string, body: object): Promise<void> {
    return ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  useEvery(everyMs, signal => ask('switches', { signal }))
  return {
    state: readonly(state),
    isThere: readonly(isThere),
    async set(switches) {
      if (state.value) state.value = { ...state.value, ...switches }
      await post('switches', switches)
      // As a browser says it when a cable is plugged in again: whoever waits need not wait any longer.
      if (switches.network === 'up') window.dispatchEvent(new Event('online'))
    },
    async restart() {
      if (state.value) state.value = { ...state.value, server: 'down' }
      await post('restart', {})
    },
  }
}
