import { type Ref, onBeforeUnmount, onMounted, shallowReadonly, shallowRef, watch } from 'vue'
import type { DrawnMap, MapInput, MapPoint } from './draw-map.ts'
import { loadMap } from './load-map.ts'
import { readMapPalette } from './map-palette.ts'

export interface MapElements {
  readonly canvas: Readonly<Ref<HTMLCanvasElement | null>>
  /** Parent of the elements that have the colors of the theme. */
  readonly colors: Readonly<Ref<HTMLElement | null>>
}

export interface UseMapReturn {
  readonly state: Readonly<Ref<'loading' | 'ready' | 'failed'>>
  /** Increases when places on the map have changed. */
  readonly version: Readonly<Ref<number>>
  codeAt(point: MapPoint): string | undefined
  centerOf(code: string): MapPoint | undefined
  highlight(code: string | undefined): void
  /** Loads the map again after a failure. */
  retry(): Promise<void>
}

/** Loads and draws a map while the component is mounted, at most once per animation frame. */
export function useMap(
  { canvas, colors }: MapElements,
  shades: () => MapInput['shades'],
): UseMapReturn {
  const state = shallowRef<'loading' | 'ready' | 'failed'>('loading')
  const version = shallowRef(0)
  let map: DrawnMap | undefined
  let frame: number | undefined

  function input(root: Element): MapInput {
    return { shades: shades(), palette: readMapPalette(root) }
  }

  function draw(): void {
    frame = undefined
    if (colors.value) map?.draw(input(colors.value))
    version.value += 1
  }

  function schedule(): void {
    if (frame === undefined && map && !document.hidden) frame = requestAnimationFrame(draw)
  }

  async function load(): Promise<void> {
    state.value = 'loading'
    // The network, or a page older than the deployment: the notice offers another try, the table works without a map.
    const loaded = await loadMap().catch(() => undefined)
    // An unmounted component has no elements.
    if (!canvas.value || !colors.value) return
    const onResize = (): void => void (version.value += 1)
    map = loaded?.createMap(canvas.value, input(colors.value), onResize)
    state.value = map ? 'ready' : 'failed'
  }

  watch(shades, schedule)
  onMounted(() => {
    void load()
    // Each color element has a short transition, so a changed theme ends one.
    colors.value?.addEventListener('transitionend', schedule)
    document.addEventListener('visibilitychange', schedule)
  })
  onBeforeUnmount(() => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    document.removeEventListener('visibilitychange', schedule)
    map?.destroy()
    map = undefined
  })
  return {
    state: shallowReadonly(state),
    version: shallowReadonly(version),
    codeAt: point => map?.codeAt(point),
    centerOf: code => map?.centerOf(code),
    highlight: code => map?.highlight(code),
    retry: load,
  }
}
