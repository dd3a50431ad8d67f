import type { Tracker } from '@tidemark/sdk'

declare global {
  interface Window {
    /** Put there by the script tag; absent where it is blocked, which must not disturb a shop. */
    tidemark?: Tracker
  }
}

/** Counts that something was put into the basket. */
export function trackAddToCart(product: string, price: number): void {
  window.tidemark?.track('add_to_cart', { product, price }, { value: price })
}

/** Counts an order, with what it is worth. */
export function trackPurchase(items: number, total: number): void {
  window.tidemark?.track('purchase', { items }, { value: total })
}
