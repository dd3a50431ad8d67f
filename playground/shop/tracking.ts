import type { Tracker } from '@tidemark/sdk'

declare global {
  interface Window {
    /** Set by the tracker's script; absent when a content blocker blocks the script. */
    tidemark?: Tracker
  }
}

/** Tracks that a product was added to the cart. */
export function trackAddToCart(product: string, price: number): void {
  window.tidemark?.track('add_to_cart', { product, price }, { value: price })
}

/** Tracks an order with its total, in euros. */
export function trackPurchase(items: number, total: number): void {
  window.tidemark?.track('purchase', { items }, { value: total })
}
