import { type Ref, onScopeDispose, readonly, ref } from 'vue'

/** Returns whether the layout has one column, as on a phone. Uses the breakpoint of `dashboard.css`. */
export function useIsNarrow(): Readonly<Ref<boolean>> {
  const query = matchMedia('(width < 48rem)')
  const isNarrow = ref(query.matches)
  const update = (): void => void (isNarrow.value = query.matches)
  query.addEventListener('change', update)
  onScopeDispose(() => query.removeEventListener('change', update))
  return readonly(isNarrow)
}
