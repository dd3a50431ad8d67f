import { type Ref, onScopeDispose, watch } from 'vue'

/** Sets `isOpen` to false when a pointer is pressed outside the element. Listens only while it is open. */
export function useOutsidePointer(
  element: Readonly<Ref<HTMLElement | null>>,
  isOpen: Ref<boolean>,
): void {
  function onPointerDown(event: PointerEvent): void {
    if (element.value && !event.composedPath().includes(element.value)) isOpen.value = false
  }

  const stop = (): void => document.removeEventListener('pointerdown', onPointerDown)
  watch(isOpen, open => {
    if (open) document.addEventListener('pointerdown', onPointerDown)
    else stop()
  })
  onScopeDispose(() => isOpen.value && stop())
}
