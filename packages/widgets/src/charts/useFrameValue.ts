import {
  type ShallowRef,
  onBeforeUnmount,
  onMounted,
  shallowReadonly,
  shallowRef,
  watch,
} from 'vue'

/**
 * Follows a value, with at most one change per animation frame, and none while the page is hidden.
 * @param source reactive
 */
export function useFrameValue<Value>(source: () => Value): Readonly<ShallowRef<Value>> {
  const value = shallowRef(source())
  let frame: number | undefined

  function apply(): void {
    frame = undefined
    value.value = source()
  }

  function schedule(): void {
    if (frame === undefined && !document.hidden) frame = requestAnimationFrame(apply)
  }

  watch(source, schedule)
  onMounted(() => document.addEventListener('visibilitychange', schedule))
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', schedule)
    if (frame !== undefined) cancelAnimationFrame(frame)
  })
  return shallowReadonly(value)
}
