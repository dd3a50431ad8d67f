import { feature } from 'topojson-client'
import world from 'world-atlas/countries-110m.json'
import { numericCodes } from './country-codes.ts'

/** Shape of a country. */
export interface CountryShape {
  /** Two-letter code; `undefined` for an area without one. */
  readonly code: string | undefined
  readonly feature: GeoJSON.Feature
}

/** Kosovo has a code in use, but none of ISO 3166-1, and so no numeric one. */
const namedCodes: ReadonlyMap<string, string> = new Map([['Kosovo', 'XK']])
const antarctica = '010'

/** Returns the shapes of all countries, without Antarctica, which would take a fifth of the map. */
export function countryShapes(): CountryShape[] {
  const codes = new Map([...numericCodes].map(([code, numeric]) => [numeric, code]))
  // The JSON module has plain strings and arrays where TopoJSON has literals and tuples.
  const topology = world as unknown as TopoJSON.Topology<{
    countries: TopoJSON.GeometryCollection<{ name: string }>
  }>
  return feature(topology, topology.objects.countries)
    .features.filter(({ id }) => id !== antarctica)
    .map(shape => ({
      code: codes.get(String(shape.id)) ?? namedCodes.get(shape.properties.name),
      feature: shape,
    }))
}
