import { type Ref, onScopeDispose, readonly, shallowRef, watch } from 'vue'

let observer: ResizeObserver | undefined
const callbacks = new WeakMap<Element, () => void>()

/** Observes an element, with one observer for the whole page. Callbacks run after the browser's layout. */
function observe(element: Element, onResize: () => void): () => void {
  if (typeof ResizeObserver === 'undefined') return () => undefined
  const shared = (observer ??= new ResizeObserver(entries => {
    for (const { target } of entries) callbacks.get(target)?.()
  }))
  callbacks.set(element, onResize)
  shared.observe(element)
  return () => shared.unobserve(element)
}

/** Reports whether the text of an element is cut off. */
export function useTruncation(element: Ref<HTMLElement | null>): Readonly<Ref<boolean>> {
  const isTruncated = shallowRef(false)
  let stop: (() => void) | undefined

  watch(
    element,
    current => {
      stop?.()
      stop = current
        ? observe(current, () => {
            // An opened or focused text wraps. It stays a button, so that the focus stays too.
            const isFocused = current.closest('.tm-row__control')?.matches(':focus') ?? false
            const isWrapped = isFocused || current.closest('[data-tm-open]') !== null
            if (!isWrapped) isTruncated.value = current.scrollWidth > current.clientWidth + 1
          })
        : undefined
    },
    { flush: 'post' },
  )
  onScopeDispose(() => stop?.())
  return readonly(isTruncated)
}
