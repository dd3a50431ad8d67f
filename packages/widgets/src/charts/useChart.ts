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
}

/** Draws a chart while the component is mounted, again when the input or the theme changes. */
export function useChart(
  { canvas, colors }: ChartElements,
  input: () => ChartInput,
): UseChartReturn {
  const widthPx = shallowRef(0)
  const palette = shallowRef<Palette>()
  let chart: DrawnChart | undefined

  function updatePalette(): void {
    if (!colors.value) return
    const current = readPalette(colors.value)
    if (!palette.value || !isSamePalette(current, palette.value)) palette.value = current
  }

  function drawInput(current: ChartInput, colorsOfTheme: Palette): DrawInput {
    const isRightToLeft = canvas.value !== null && isRtl(canvas.value)
    const animate = current.animate && !matchMedia('(prefers-reduced-motion: reduce)').matches
    return { ...current, animate, palette: colorsOfTheme, isRightToLeft }
  }

  onMounted(() => {
    updatePalette()
    if (!canvas.value || !palette.value) return
    const setWidth = (width: number): void => void (widthPx.value = width)
    chart = createChart(canvas.value, drawInput(input(), palette.value), setWidth)
    // Each color element has a short transition, so a changed theme ends one.
    colors.value?.addEventListener('transitionend', updatePalette)
    watch(
      [input, palette],
      ([current, colorsOfTheme]) => {
        if (colorsOfTheme) chart?.draw(drawInput(current, colorsOfTheme))
      },
      { flush: 'post' },
    )
  })
  onBeforeUnmount(() => {
    colors.value?.removeEventListener('transitionend', updatePalette)
    chart?.destroy()
  })
  return { widthPx: readonly(widthPx) }
}

/** Whether the text of an element runs from right to left. */
export function isRtl(element: Element): boolean {
  return getComputedStyle(element).direction === 'rtl'
}
