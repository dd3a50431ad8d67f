import type { createMap } from './draw-map.ts'

/** Loads chart.js, its map extension and the shapes of countries, which no other part of the kit needs. */
export function loadMap(): Promise<{ createMap: typeof createMap }> {
  return import('./draw-map.ts')
}
