import { type Ref, onScopeDispose, readonly, ref, watch } from 'vue'

/** Returns the width of an element in pixels; 0 before it is mounted. */
export function useElementWidth(element: Readonly<Ref<Element | null>>): Readonly<Ref<number>> {
  const width = ref(0)
  const observer = new ResizeObserver(([entry]) => (width.value = entry?.contentRect.width ?? 0))
  watch(element, (current, previous) => {
    if (previous) observer.unobserve(previous)
    if (current) observer.observe(current)
  })
  onScopeDispose(() => observer.disconnect())
  return readonly(width)
}
