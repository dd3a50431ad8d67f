import type { ProjectionScale } from 'chartjs-chart-geo'
import { type Coordinates, smallCountries } from './small-countries.ts'
import type { CountryShape } from './world.ts'

/** Point on the map, in CSS pixels from the left and top edge. */
export interface MapPoint {
  readonly x: number
  readonly y: number
}

/** Smaller shapes get a dot. */
const minShapePx = 5

/** Places of countries in the current size of the map. */
export interface CountryPlaces {
  /** Returns the center of a country; `undefined` for an unknown code. */
  centerOf(code: string): MapPoint | undefined
  /** Whether a country has no shape, or one that is too small to see. */
  isSmall(code: string): boolean
}

export function placeCountries(
  shapes: ReadonlyMap<string, CountryShape>,
  { geoPath, projection }: Pick<ProjectionScale, 'geoPath' | 'projection'>,
): CountryPlaces {
  const centers = new Map<string, MapPoint | undefined>()
  const smallCodes = new Map<string, boolean>()

  function project(coordinates: Coordinates): MapPoint | undefined {
    const [x, y] = projection([...coordinates]) ?? []
    return x === undefined || y === undefined ? undefined : { x, y }
  }

  function findCenter(code: string): MapPoint | undefined {
    const coordinates = smallCountries.get(code)
    if (coordinates) return project(coordinates)
    const shape = shapes.get(code)
    if (!shape) return undefined
    const [x, y] = geoPath.centroid(largestPart(shape.feature.geometry, part => geoPath.area(part)))
    return Number.isFinite(x) ? { x, y } : undefined
  }

  function measure(code: string): boolean {
    const shape = shapes.get(code)
    if (!shape) return true
    const [[left, top], [right, bottom]] = geoPath.bounds(shape.feature)
    return Math.max(right - left, bottom - top) < minShapePx
  }

  return {
    centerOf: code => memoize(centers, code, findCenter),
    isSmall: code => memoize(smallCodes, code, measure),
  }
}

/** Returns the largest part of a country: the center of France is not in the Atlantic. */
function largestPart(
  geometry: GeoJSON.Geometry,
  areaOf: (part: GeoJSON.Polygon) => number,
): GeoJSON.Geometry {
  if (geometry.type !== 'MultiPolygon') return geometry
  const parts = geometry.coordinates.map((coordinates): GeoJSON.Polygon => ({
    type: 'Polygon',
    coordinates,
  }))
  const sized = parts.map(part => ({ part, area: areaOf(part) }))
  return sized.toSorted((a, b) => b.area - a.area)[0]?.part ?? geometry
}

function memoize<Value>(
  values: Map<string, Value>,
  code: string,
  compute: (code: string) => Value,
): Value {
  const cached = values.get(code)
  if (cached !== undefined) return cached
  const value = compute(code)
  values.set(code, value)
  return value
}
