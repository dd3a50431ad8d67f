import type { ProjectionScale } from 'chartjs-chart-geo'
import { expect, it } from 'vitest'
import { placeCountries } from './place-countries.ts'
import type { CountryShape } from './world.ts'

/** A square with the left top corner at a point. */
const square = (at: number, size: number): GeoJSON.Position[][] => [
  [
    [at, at],
    [at + size, at],
    [at + size, at + size],
    [at, at],
  ],
]

const shapeOf = (code: string, ...coordinates: GeoJSON.Position[][][]): [string, CountryShape] => [
  code,
  {
    code,
    feature: { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates } },
  },
]

const edgeOf = ({ coordinates }: { coordinates: GeoJSON.Position[][] }) => {
  const [[left = 0] = [], [right = 0] = []] = coordinates[0] ?? []
  return [left, right] as const
}

// A projection that leaves coordinates as they are, for squares.
const scale = {
  projection: ([x, y]: [number, number]) => [x, y],
  geoPath: {
    area: (part: GeoJSON.Polygon) => edgeOf(part)[1] - edgeOf(part)[0],
    centroid: (part: GeoJSON.Polygon) => {
      const [left, right] = edgeOf(part)
      return [(left + right) / 2, (left + right) / 2]
    },
    bounds: ({ geometry }: { geometry: GeoJSON.MultiPolygon }) => {
      const [left, right] = edgeOf({ coordinates: geometry.coordinates[0] ?? [] })
      return [
        [left, left],
        [right, right],
      ]
    },
  },
} as unknown as Pick<ProjectionScale, 'geoPath' | 'projection'>

it('placeCountries: finds the center of the largest part', () => {
  const shapes = new Map([shapeOf('FR', square(10, 5), square(40, 20))])
  expect(placeCountries(shapes, scale).centerOf('FR')).toEqual({ x: 50, y: 50 })
})

it('placeCountries: places countries without a shape by their coordinates', () => {
  const places = placeCountries(new Map(), scale)
  expect(places.centerOf('SG')).toEqual({ x: 103.8, y: 1.4 })
  expect(places.isSmall('SG')).toBe(true)
  expect(places.centerOf('ZZ')).toBeUndefined()
})

it('placeCountries: counts a shape below five pixels as small', () => {
  const shapes = new Map([shapeOf('LU', square(10, 4)), shapeOf('DE', square(20, 5))])
  const places = placeCountries(shapes, scale)
  expect([places.isSmall('LU'), places.isSmall('DE')]).toEqual([true, false])
})
