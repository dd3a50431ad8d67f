import { type Ref, onScopeDispose, readonly, ref } from 'vue'

/** Whether all cards stand in one column, as on a phone; the same width as in `dashboard.css`. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const query = matchMedia('(width < 48rem)')
  const isNarrow = ref(query.matches)
  const read = (): void => void (isNarrow.value = query.matches)
  query.addEventListener('change', read)
  onScopeDispose(() => query.removeEventListener('change', read))
  return readonly(isNarrow)
}
