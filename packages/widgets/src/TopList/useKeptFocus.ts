import { type Ref, watch } from 'vue'

/**
 * Keeps the focus inside a list whose rows move: browsers drop the focus of an element that changes its place. If the
 * focused row has gone, the list itself gets the focus.
 *
 * @param rows changes with each render of the list
 */
export function useKeptFocus(list: Ref<HTMLElement | null>, rows: () => unknown): void {
  let focused: HTMLElement | undefined

  watch(
    rows,
    () => {
      const active = list.value && activeElementOf(list.value)
      focused = active instanceof HTMLElement && list.value?.contains(active) ? active : undefined
    },
    { flush: 'pre' },
  )
  watch(
    rows,
    () => {
      const { value: element } = list
      if (!element || !focused || activeElementOf(element) === focused) return
      // Anything but the page's body has taken the focus on purpose.
      if (activeElementOf(element) !== document.body) return
      const target = focused.isConnected ? focused : element
      target.focus({ preventScroll: true })
    },
    { flush: 'post' },
  )
}

/** A list in a shadow tree has the active element of that tree. */
function activeElementOf(element: HTMLElement): Element | null {
  const root = element.getRootNode()
  if (!(root instanceof ShadowRoot)) return document.activeElement
  return root.activeElement ?? document.body
}
