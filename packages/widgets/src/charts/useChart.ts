import { type Ref, onBeforeUnmount, onMounted, readonly, shallowRef, watch } from 'vue'
import { type DrawInput, type DrawnChart, createChart } from './create-chart.ts'
import { type Palette, isSamePalette, readPalette } from './palette.ts'

/** Elements of a chart's template. */
export interface ChartElements {
  readonly canvas: Readonly<Ref<HTMLCanvasElement | null>>
  /** Parent of the elements that have the colors of the theme. */
  readonly colors: Readonly<Ref<HTMLElement | null>>
}

/** Data of a chart; colors and direction come from its elements. */
export type ChartInput = Omit<DrawInput, 'palette' | 'isRightToLeft'>

export interface UseChartReturn {
  /** Width of the canvas in CSS pixels; 0 until it is drawn. */
  readonly widthPx: Readonly<Ref<number>>
  /** Size of the text around the canvas, in CSS pixels. */
  readonly fontPx: Readonly<Ref<number>>
}

/** Properties of the page that a chart follows. */
interface Look {
  readonly palette: Palette
  readonly isRightToLeft: boolean
}

/**
 * Draws a chart while the component is mounted, again when the input, the theme or the writing direction changes.
 */
export function useChart(
  { canvas, colors }: ChartElements,
  input: () => ChartInput,
): UseChartReturn {
  const widthPx = shallowRef(0)
  const fontPx = shallowRef(13)
  const look = shallowRef<Look>()
  let chart: DrawnChart | undefined

  function updateLook(): void {
    if (!colors.value) return
    fontPx.value = Number.parseFloat(getComputedStyle(colors.value).fontSize) || fontPx.value
    const current = { palette: readPalette(colors.value), isRightToLeft: isRtl(colors.value) }
    if (!look.value || !isSameLook(current, look.value)) look.value = current
  }

  function toDraw(current: ChartInput, currentLook: Look): DrawInput {
    const animate = current.animate && !matchMedia('(prefers-reduced-motion: reduce)').matches
    return { ...current, ...currentLook, animate }
  }

  onMounted(() => {
    updateLook()
    if (!canvas.value || !look.value) return
    chart = createChart(canvas.value, toDraw(input(), look.value), width => {
      widthPx.value = width
      // A chart that was not displayed has missed the change of a theme.
      updateLook()
    })
    // The style sheet starts a short transition for a new color and for a new direction.
    colors.value?.addEventListener('transitionend', updateLook)
    watch(
      [input, look],
      ([current, currentLook]) => {
        if (currentLook) chart?.draw(toDraw(current, currentLook))
      },
      { flush: 'post' },
    )
  })
  onBeforeUnmount(() => {
    colors.value?.removeEventListener('transitionend', updateLook)
    chart?.destroy()
  })
  return { widthPx: readonly(widthPx), fontPx: readonly(fontPx) }
}

function isSameLook(a: Look, b: Look): boolean {
  return a.isRightToLeft === b.isRightToLeft && isSamePalette(a.palette, b.palette)
}

/** Whether the text of an element runs from right to left. */
export function isRtl(element: Element): boolean {
  return getComputedStyle(element).direction === 'rtl'
}
