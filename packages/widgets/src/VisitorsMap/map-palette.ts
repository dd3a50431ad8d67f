import { maxSteps } from './color-steps.ts'

/** Colors of the map, as CSS colors. */
export interface MapPalette {
  /** Borders between countries. */
  readonly surface: string
  /** Border of the country with the tooltip. */
  readonly text: string
  /** Countries without visitors, then from few visitors to many. */
  readonly shades: readonly string[]
}

/** Colors without the kit's style sheet. */
const fallback: MapPalette = {
  surface: '#ffffff',
  text: '#0f161e',
  shades: ['#e4e7eb', '#bfdde1', '#8fc4cb', '#5aa8b3', '#2b8b98', '#0a6470'],
}

/** Names of the colors, in the order of their elements. */
export const colorNames: readonly string[] = [
  'surface',
  'text',
  ...Array.from({ length: maxSteps + 1 }, (_, shade) => `${shade}`),
]

/**
 * Reads the colors of the theme from elements: browsers resolve variables and mixed colors only in properties of an
 * element.
 * @param root parent of one element for each of `colorNames`
 */
export function readMapPalette(root: Element): MapPalette {
  const styles = [...root.children].map(element => getComputedStyle(element))
  if (!styles[0]?.getPropertyValue('--_tm-map-shade')) return fallback
  const [surface = '', text = '', ...shades] = styles.map(({ color }) => color)
  return { surface, text, shades }
}
