import { type Ref, getCurrentInstance, onMounted, onScopeDispose } from 'vue'
import { type Clock, createClock } from './clock.ts'

let pageClock: Clock | undefined

/** Returns the current time, accurate to a second while the component is mounted. All components share one timer. */
export function useNow(): Readonly<Ref<number>> {
  const clock = (pageClock ??= createClock())
  let release: (() => void) | undefined
  if (getCurrentInstance()) onMounted(() => (release = clock.use()))
  else if (typeof document !== 'undefined') release = clock.use()
  onScopeDispose(() => release?.())
  return clock.now
}
