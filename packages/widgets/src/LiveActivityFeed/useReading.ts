import { type Ref, computed, shallowRef } from 'vue'

export interface Reading {
  /** Whether the reader is busy with the list: the pointer is over it, it has the keyboard's focus, or it is scrolled. */
  readonly isReading: Readonly<Ref<boolean>>
  /** Listeners of the widget. */
  readonly listeners: Readonly<{
    onPointerenter(event: PointerEvent): void
    onPointerleave(): void
    onFocusin(event: FocusEvent): void
    onFocusout(event: FocusEvent): void
  }>
  /** Listener of the list. */
  onScroll(event: Event): void
}

/** Reports whether the reader is busy with a list, so that it does not move under the reader's eyes. */
export function useReading(): Reading {
  const isHovered = shallowRef(false)
  const isFocused = shallowRef(false)
  const isScrolled = shallowRef(false)
  return {
    isReading: computed(() => isHovered.value || isFocused.value || isScrolled.value),
    listeners: {
      onPointerenter({ pointerType }) {
        // A finger that has tapped leaves no pointer over the list.
        isHovered.value = pointerType !== 'touch'
      },
      onPointerleave() {
        isHovered.value = false
      },
      onFocusin({ target }) {
        // A click also focuses, and its focus stays when the pointer has left.
        isFocused.value = target instanceof Element && target.matches(':focus-visible')
      },
      onFocusout({ currentTarget, relatedTarget }) {
        // The button for new entries must still be there when the focus arrives at it.
        const next = relatedTarget instanceof Node ? relatedTarget : null
        const isWithin = currentTarget instanceof Node && currentTarget.contains(next)
        if (!isWithin) isFocused.value = false
      },
    },
    onScroll({ currentTarget }) {
      isScrolled.value = currentTarget instanceof Element && currentTarget.scrollTop > 0
    },
  }
}
