import type { ProjectionScale } from 'chartjs-chart-geo'
import type { MapPalette } from './map-palette.ts'
import type { MapPoint } from './place-countries.ts'
import type { CountryShape } from './world.ts'

/** Mark of a country that is too small to see. */
export interface MapDot {
  readonly code: string
  readonly center: MapPoint
  readonly color: string
}

const dotRadiusPx = 4

export function drawDot(
  context: CanvasRenderingContext2D,
  { center, color }: MapDot,
  isActive: boolean,
  { surface, text }: MapPalette,
): void {
  context.beginPath()
  context.arc(center.x, center.y, dotRadiusPx, 0, 2 * Math.PI)
  context.fillStyle = color
  context.fill()
  context.lineWidth = isActive ? 2 : 1
  context.strokeStyle = isActive ? text : surface
  context.stroke()
}

/** Draws the border of a country above its neighbors. */
export function drawBorder(
  context: CanvasRenderingContext2D,
  geoPath: ProjectionScale['geoPath'],
  { feature }: CountryShape,
  color: string,
): void {
  context.beginPath()
  geoPath.context(context)(feature)
  // Without a context, the path measures.
  geoPath.context(null)
  context.lineWidth = 1.5
  context.strokeStyle = color
  context.stroke()
}
