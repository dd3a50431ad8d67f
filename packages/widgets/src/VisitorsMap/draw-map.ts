import { Chart, type ChartConfiguration } from 'chart.js'
import {
  ChoroplethController,
  ColorScale,
  GeoFeature,
  type IChoroplethDataPoint,
  ProjectionScale,
} from 'chartjs-chart-geo'
import { type MapDot, drawBorder, drawDot } from './map-overlay.ts'
import type { MapPalette } from './map-palette.ts'
import { type CountryPlaces, type MapPoint, placeCountries } from './place-countries.ts'
import { type CountryShape, countryShapes } from './world.ts'

export type { MapPoint }

export interface MapInput {
  /** Shade of each country with visitors, from 1, by two-letter code. */
  readonly shades: ReadonlyMap<string, number>
  readonly palette: MapPalette
}

/** A drawn map. */
export interface DrawnMap {
  /** Draws other data, or in other colors. */
  draw(input: MapInput): void
  /** Marks a country. */
  highlight(code: string | undefined): void
  /** Returns the country at a point, or the dot nearest to it. */
  codeAt(point: MapPoint): string | undefined
  centerOf(code: string): MapPoint | undefined
  destroy(): void
}

/** A finger or a pointer this near to a dot means the dot. */
const dotReachPx = 12

/**
 * Draws a map of the world on a canvas, in the size of the canvas's parent.
 * @param onResize called after the size has changed
 * @returns `undefined` if the browser has no canvas
 */
export function createMap(
  canvas: HTMLCanvasElement,
  first: MapInput,
  onResize: () => void,
): DrawnMap | undefined {
  const context = canvas.getContext('2d')
  if (!context) return undefined
  Chart.register(ChoroplethController, ColorScale, GeoFeature, ProjectionScale)
  const shapes = countryShapes()
  const byCode = new Map(
    shapes.flatMap(shape => (shape.code ? [[shape.code, shape] as const] : [])),
  )
  let input = first
  let active: string | undefined
  let places: CountryPlaces | undefined

  function currentPlaces(chart: Chart<'choropleth'>): CountryPlaces | undefined {
    const scale = projectionOf(chart)
    places ??= scale && placeCountries(byCode, scale)
    return places
  }

  function dots(chart: Chart<'choropleth'>): MapDot[] {
    const at = currentPlaces(chart)
    return [...input.shades.keys()].flatMap(code => {
      const center = at?.isSmall(code) ? at.centerOf(code) : undefined
      return center ? [{ code, center, color: shadeAt(input, code) }] : []
    })
  }

  function drawOverlay(chart: Chart<'choropleth'>): void {
    const shape = active === undefined ? undefined : byCode.get(active)
    const geoPath = projectionOf(chart)?.geoPath
    if (shape && geoPath) drawBorder(chart.ctx, geoPath, shape, input.palette.text)
    for (const dot of dots(chart)) drawDot(chart.ctx, dot, dot.code === active, input.palette)
  }

  // Chart.js draws in its constructor, so what it calls must not need `chart`.
  const chart = new Chart<'choropleth', IChoroplethDataPoint[]>(context, {
    ...mapConfig(shapes),
    plugins: [{ id: 'tidemark-dots', afterDatasetsDraw: drawOverlay }],
  })
  chart.options.onResize = () => {
    places = undefined
    onResize()
  }

  function draw(next: MapInput): void {
    input = next
    const [dataset] = chart.data.datasets
    if (!dataset) return
    dataset.backgroundColor = shapes.map(({ code }) => shadeAt(input, code))
    dataset.borderColor = input.palette.surface
    chart.update('none')
  }

  function codeAt({ x, y }: MapPoint): string | undefined {
    const distance = ({ center }: { center: MapPoint }): number =>
      Math.hypot(center.x - x, center.y - y)
    const [nearest] = dots(chart).toSorted((a, b) => distance(a) - distance(b))
    if (nearest && distance(nearest) <= dotReachPx) return nearest.code
    const index = chart
      .getDatasetMeta(0)
      .data.findIndex(element => element instanceof GeoFeature && element.inRange(x, y))
    return shapes[index]?.code
  }

  draw(first)
  return {
    draw,
    codeAt,
    highlight(code) {
      if (code === active) return
      active = code
      chart.draw()
    },
    centerOf: code => currentPlaces(chart)?.centerOf(code),
    destroy: () => chart.destroy(),
  }
}

function shadeAt({ shades, palette }: MapInput, code: string | undefined): string {
  return palette.shades[code === undefined ? 0 : (shades.get(code) ?? 0)] ?? ''
}

/** Chart.js types it as any scale. */
function projectionOf(chart: Chart<'choropleth'>): ProjectionScale | undefined {
  const scale: unknown = chart.scales['projection']
  return scale instanceof ProjectionScale ? scale : undefined
}

function mapConfig(
  shapes: readonly CountryShape[],
): ChartConfiguration<'choropleth', IChoroplethDataPoint[]> {
  const outline = shapes.map(({ feature }) => feature)
  return {
    type: 'choropleth',
    data: {
      labels: [],
      datasets: [
        {
          data: shapes.map(({ feature }) => ({ feature, value: 0 })),
          outline,
          borderWidth: 0.5,
        },
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      showOutline: false,
      showGraticule: false,
      clipMap: false,
      layout: { padding: 0, autoPadding: false },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      scales: {
        projection: { axis: 'x', projection: 'naturalEarth1', padding: 2 },
        color: { axis: 'x', display: false },
      },
    },
  }
}
