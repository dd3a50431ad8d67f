import { type ComputedRef, computed, ref, watch } from 'vue'
import { type Product, findProduct } from './catalog.ts'

export interface Line {
  readonly product: Product
  readonly count: number
}

export interface Basket {
  readonly lines: ComputedRef<readonly Line[]>
  readonly count: ComputedRef<number>
  /** In euros. */
  readonly total: ComputedRef<number>
  add(product: Product): void
  remove(product: Product): void
  empty(): void
}

const storageKey = 'slackwater-basket'
/** A basket is not a warehouse. */
const maxCount = 99

/** Slugs and how many of each; kept for the tab, so that the checkout, another page, has it too. */
const counts = ref(read())

watch(counts, kept => sessionStorage.setItem(storageKey, JSON.stringify([...kept])), {
  deep: true,
  // The next thing may be a page load.
  flush: 'sync',
})

/** The one basket of this tab. */
export function useBasket(): Basket {
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

/** What another version of this page has kept may be anything. */
function read(): Map<string, number> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
    return new Map(Array.isArray(kept) ? kept.filter(isEntry) : [])
  } catch {
    return new Map()
  }
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isSafeInteger(value[1])
}
