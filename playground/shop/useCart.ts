import { type ComputedRef, computed, ref, watch } from 'vue'
import { type Product, findProduct } from './catalog.ts'

export interface Line {
  readonly product: Product
  readonly count: number
}

export interface Cart {
  readonly lines: ComputedRef<readonly Line[]>
  readonly count: ComputedRef<number>
  /** In euros. */
  readonly total: ComputedRef<number>
  add(product: Product): void
  remove(product: Product): void
  empty(): void
}

const storageKey = 'slackwater-cart'
/** Maximum count of one product. */
const maxCount = 99

/** Counts by product slug. Stored in session storage, because the checkout is a separate page. */
const counts = ref(loadCounts())

watch(counts, value => sessionStorage.setItem(storageKey, JSON.stringify([...value])), {
  deep: true,
  // Saves synchronously: a page load may follow.
  flush: 'sync',
})

/** Returns the cart of this tab. */
export function useCart(): Cart {
  const lines = computed(() =>
    [...counts.value].flatMap(([slug, count]) => {
      const product = findProduct(slug)
      return product ? [{ product, count }] : []
    }),
  )
  return {
    lines,
    count: computed(() => lines.value.reduce((sum, { count }) => sum + count, 0)),
    total: computed(() => lines.value.reduce((sum, line) => sum + priceOf(line), 0)),
    add({ slug }) {
      counts.value.set(slug, Math.min(maxCount, (counts.value.get(slug) ?? 0) + 1))
    },
    remove({ slug }) {
      counts.value.delete(slug)
    },
    empty() {
      counts.value.clear()
    },
  }
}

export function priceOf({ product, count }: Line): number {
  return product.price * count
}

/** Loads the stored counts. Ignores invalid entries, for example from an older version of the page. */
function loadCounts(): Map<string, number> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
    return new Map(Array.isArray(stored) ? stored.filter(isEntry) : [])
  } catch {
    return new Map()
  }
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isSafeInteger(value[1])
}
