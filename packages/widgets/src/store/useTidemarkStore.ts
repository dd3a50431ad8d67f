import { createLiveClient } from '@tidemark/sdk/live'
import { type Pinia, createPinia, defineStore, getActivePinia, setActivePinia } from 'pinia'
import { customRef, getCurrentInstance, hasInjectionContext, markRaw } from 'vue'
import { describeConnections } from './connection-info.ts'
import { createConnections } from './connections.ts'

// Pure: an app that imports one function from the package does not bundle the store.
const useStore = /*#__PURE__*/ defineStore('tidemark', () => {
  // A plain object instead of actions: calling an action makes its Pinia the active one.
  const registry = markRaw(createConnections(createLiveClient))

  /**
   * Description of each connection by name, for developer tools. They show refs as state and update with it; a
   * computed ref would stay at its first value. Computed at each read, so without a reader a frame costs nothing.
   */
  const connections = customRef(() => ({
    get: () => describeConnections(registry.byKey.values()),
    // Developer tools and restored state cannot change connections.
    set() {},
  }))

  return { connections, registry }
})

export type TidemarkStore = ReturnType<typeof useStore>

let fallbackStore: TidemarkStore | undefined

/**
 * Returns the store of the shared connections. It belongs to the Pinia of the calling app. Apps without
 * a Pinia share one internal Pinia.
 *
 * @param pinia Pinia to use instead of the calling app's
 */
export function useTidemarkStore(pinia: Pinia | undefined = currentPinia()): TidemarkStore {
  return storeOf(pinia)
}

/** Returns the store of a Pinia that was looked up earlier; `undefined` means the internal Pinia. */
export function storeOf(pinia: Pinia | undefined): TidemarkStore {
  if (pinia) return useStore(pinia)
  fallbackStore ??= withoutActivating(() => useStore(createPinia()))
  return fallbackStore
}

/** Returns the Pinia of the calling app or, outside a component, the active Pinia. */
export function currentPinia(): Pinia | undefined {
  const instance = getCurrentInstance()
  if (!instance) return hasInjectionContext() ? undefined : getActivePinia()
  // Typed as always present, but missing in an app without Pinia.
  const { $pinia }: { $pinia?: Pinia } = instance.appContext.config.globalProperties
  return $pinia
}

/**
 * Runs a function and restores the active Pinia afterwards. Using a store makes its Pinia the active
 * one, and another app on the page may rely on its own. Inside a component nothing is restored: there
 * `getActivePinia` warns if the app has no Pinia.
 */
export function withoutActivating<Result>(run: () => Result): Result {
  if (hasInjectionContext()) return run()
  const active = getActivePinia()
  const result = run()
  setActivePinia(active)
  return result
}
