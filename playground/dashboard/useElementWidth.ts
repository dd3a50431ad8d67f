import { type Ref, onScopeDispose, readonly, ref, watch } from 'vue'

/** Width of an element in pixels; 0 before it is there. */
export function useWidth(element: Readonly<Ref<Element | null>>): Readonly<Ref<number>> {
  const width = ref(0)
  const observer = new ResizeObserver(([entry]) => (width.value = entry?.contentRect.width ?? 0))
  watch(element, (now, before) => {
    if (before) observer.unobserve(before)
    if (now) observer.observe(now)
  })
  onScopeDispose(() => observer.disconnect())
  return readonly(width)
}
