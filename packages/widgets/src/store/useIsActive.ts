import {
  type Ref,
  getCurrentInstance,
  onActivated,
  onDeactivated,
  onMounted,
  readonly,
  shallowRef,
} from 'vue'

/**
 * Reports whether the current component is in the page: it is mounted, and no `<KeepAlive>` has deactivated it. True in
 * another effect scope of a page, and false on a server.
 */
export function useIsActive(): Readonly<Ref<boolean>> {
  const isActive = shallowRef(!getCurrentInstance() && typeof document !== 'undefined')
  if (getCurrentInstance()) {
    onMounted(() => (isActive.value = true))
    onActivated(() => (isActive.value = true))
    onDeactivated(() => (isActive.value = false))
  }
  return readonly(isActive)
}
