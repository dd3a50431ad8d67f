import { createLiveClient } from '@tidemark/sdk/live'
import { type Pinia, createPinia, defineStore, getActivePinia, setActivePinia } from 'pinia'
import { computed, getCurrentInstance, hasInjectionContext, markRaw } from 'vue'
import { createConnections } from './connections.ts'

const useStore = defineStore('tidemark', () => {
  // A plain object and not an action: calling an action makes its Pinia the active one.
  const registry = markRaw(createConnections(createLiveClient))

  /** Every connection: its target, its status, and how many subscribe to it. */
  const connections = computed(() =>
    [...registry.byKey.values()].map(({ target, status, subscriberCount }) => ({
      ...target,
      status: status.value,
      subscribers: subscriberCount.value,
    })),
  )

  return { connections, registry }
})

export type TidemarkStore = ReturnType<typeof useStore>

let ownStore: TidemarkStore | undefined

/**
 * The store that holds the shared connections. It lives in the Pinia of the app that asks; where there
 * is none, in a Pinia of our own, which all apps without one share.
 *
 * @param pinia the one to use instead
 */
export function useTidemarkStore(pinia: Pinia | undefined = hostPinia()): TidemarkStore {
  return storeIn(pinia)
}

/** As above, for who found out earlier where it lives: `undefined` means our own. */
export function storeIn(pinia: Pinia | undefined): TidemarkStore {
  if (pinia) return useStore(pinia)
  ownStore ??= withoutActivating(() => useStore(createPinia()))
  return ownStore
}

/** The Pinia of the app that is asking or, outside of a component, the active one. */
export function hostPinia(): Pinia | undefined {
  const instance = getCurrentInstance()
  if (!instance) return hasInjectionContext() ? undefined : getActivePinia()
  // Typed as always there, but only an app that installed Pinia has it.
  const { $pinia }: { $pinia?: Pinia } = instance.appContext.config.globalProperties
  return $pinia
}

/**
 * Using a store makes its Pinia the active one, which another app on the page may rely on being its
 * own. Inside of a component `getActivePinia` warns when there is none, so there it is left as it is.
 */
function withoutActivating<Result>(run: () => Result): Result {
  if (hasInjectionContext()) return run()
  const active = getActivePinia()
  const result = run()
  setActivePinia(active)
  return result
}
