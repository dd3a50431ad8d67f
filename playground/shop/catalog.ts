/** The product catalog, shared by the shop's pages and the simulated shoppers. */

export type CategorySlug = 'instruments' | 'paper' | 'on-board'

export interface Category {
  readonly slug: CategorySlug
  readonly name: string
  readonly line: string
}

export type Drawing =
  | 'tide-clock'
  | 'barometer'
  | 'tide-staff'
  | 'chart'
  | 'tables'
  | 'logbook'
  | 'gansey'
  | 'cap'
  | 'blanket'
  | 'lantern'

export interface Product {
  readonly slug: string
  readonly name: string
  readonly category: CategorySlug
  /** In euros. */
  readonly price: number
  /** One short sentence for the product card. */
  readonly line: string
  readonly text: string
  /** Specifications, as pairs of a label and a value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly drawing: Drawing
  /** Variant of the drawing. @default 'a' */
  readonly form?: 'a' | 'b'
}

export const shopName = 'Slackwater'

export const categories: readonly Category[] = [
  {
    slug: 'instruments',
    name: 'Instruments',
    line: 'Clocks and gauges for tides and weather.',
  },
  { slug: 'paper', name: 'Charts & paper', line: 'Nautical charts, tide tables and logbooks.' },
  { slug: 'on-board', name: 'On board', line: 'Warm clothing and light for the night watch.' },
]

export const products: readonly Product[] = [
  {
    slug: 'brass-tide-clock',
    name: 'Brass tide clock',
    category: 'instruments',
    price: 189,
    line: 'Shows the hours to the next high water.',
    text: 'The single hand makes one turn per tide: 12 hours and 25 minutes. Set the clock once at high water on your coast.',
    facts: [
      ['Case', 'Spun brass, lacquered'],
      ['Dial', '150 mm'],
      ['Movement', 'Lunar quartz, 12 h 25 min'],
    ],
    drawing: 'tide-clock',
  },
  {
    slug: 'harbor-tide-clock',
    name: 'Harbor tide clock',
    category: 'instruments',
    price: 149,
    line: 'A large tide clock in enameled steel.',
    text: 'Made for boathouses: a rubber seal around the glass, a case enameled inside and out, and a dial that is easy to read from a distance.',
    facts: [
      ['Case', 'Enameled steel'],
      ['Dial', '200 mm'],
      ['Movement', 'Lunar quartz, 12 h 25 min'],
    ],
    drawing: 'tide-clock',
    form: 'b',
  },
  {
    slug: 'aneroid-barometer',
    name: 'Aneroid barometer',
    category: 'instruments',
    price: 165,
    line: 'Measures air pressure and shows the trend.',
    text: 'A falling needle warns of bad weather. Set the second hand in the morning and read the change during the day.',
    facts: [
      ['Range', '960 to 1060 hPa'],
      ['Dial', '150 mm'],
      ['Case', 'Spun brass, lacquered'],
    ],
    drawing: 'barometer',
  },
  {
    slug: 'tide-staff',
    name: 'Tide staff',
    category: 'instruments',
    price: 95,
    line: 'A water level gauge for harbors and jetties.',
    text: 'The graduated board used in harbors, 1.5 meters long. Mount it on a jetty, or beside a door to measure the children.',
    facts: [
      ['Length', '1500 mm'],
      ['Material', 'Enameled aluminium'],
      ['Graduation', '10 mm'],
    ],
    drawing: 'tide-staff',
  },
  {
    slug: 'chart-of-the-skerries',
    name: 'Chart of the skerries',
    category: 'paper',
    price: 48,
    line: 'Four hundred islands on one sheet.',
    text: 'A reprint of the 1911 survey, with depths in fathoms and historic sea marks. The paper suits pencil and eraser.',
    facts: [
      ['Scale', '1 : 50 000'],
      ['Sheet', '700 × 1000 mm'],
      ['Paper', '170 g, uncoated'],
    ],
    drawing: 'chart',
  },
  {
    slug: 'chart-of-the-shoals',
    name: 'Chart of the shoals',
    category: 'paper',
    price: 48,
    line: 'The outer sands after the last survey.',
    text: 'Depths and drying heights of the outer sands, which move every winter. Not for navigation.',
    facts: [
      ['Scale', '1 : 75 000'],
      ['Sheet', '700 × 1000 mm'],
      ['Paper', '170 g, uncoated'],
    ],
    drawing: 'chart',
    form: 'b',
  },
  {
    slug: 'tide-tables',
    name: 'Tide tables',
    category: 'paper',
    price: 18,
    line: 'High and low water for forty ports.',
    text: 'Times and heights for one year, with spring tides in bold. The pocket-sized book has a stitched binding and lies flat when open.',
    facts: [
      ['Pages', '224'],
      ['Size', '105 × 148 mm'],
      ['Binding', 'Stitched, soft cover'],
    ],
    drawing: 'tables',
  },
  {
    slug: 'logbook',
    name: 'Logbook',
    category: 'paper',
    price: 32,
    line: 'One page a day, with room for weather.',
    text: 'Four columns for wind, pressure, sea and remarks. The cover is waxed sailcloth, and the paper resists moisture.',
    facts: [
      ['Pages', '384'],
      ['Size', '148 × 210 mm'],
      ['Cover', 'Waxed sailcloth'],
    ],
    drawing: 'logbook',
  },
  {
    slug: 'gansey',
    name: 'Gansey',
    category: 'on-board',
    price: 210,
    line: 'A seamless fisherman’s sweater.',
    text: 'Tightly knitted five-ply wool that keeps out wind and spray. Front and back are identical, so you can wear it either way.',
    facts: [
      ['Wool', '5-ply wool'],
      ['Weight', '780 g'],
      ['Color', 'Navy'],
    ],
    drawing: 'gansey',
  },
  {
    slug: 'watch-cap',
    name: 'Watch cap',
    category: 'on-board',
    price: 38,
    line: 'A warm wool cap with a double brim.',
    text: 'Long enough to cover the ears, and made of the same five-ply wool as the gansey.',
    facts: [
      ['Wool', '5-ply wool'],
      ['Size', 'One'],
      ['Color', 'Signal orange'],
    ],
    drawing: 'cap',
  },
  {
    slug: 'fog-blanket',
    name: 'Fog blanket',
    category: 'on-board',
    price: 129,
    line: 'A thick gray blanket, two meters long.',
    text: 'Woven from undyed wool in four shades of gray and lightly felted. A stripe marks the foot end.',
    facts: [
      ['Wool', 'Undyed, felted'],
      ['Size', '1400 × 2000 mm'],
      ['Weight', '1500 g'],
    ],
    drawing: 'blanket',
  },
  {
    slug: 'storm-lantern',
    name: 'Storm lantern',
    category: 'on-board',
    price: 79,
    line: 'Burns for eleven hours, even in wind.',
    text: 'Side tubes lead warm air back to the flame, so wind does not blow it out. One lever lifts the glass.',
    facts: [
      ['Height', '290 mm'],
      ['Burns', '11 hours'],
      ['Body', 'Tinned steel'],
    ],
    drawing: 'lantern',
  },
]

export function findProduct(slug: string): Product | undefined {
  return products.find(product => product.slug === slug)
}

export function productsIn(category: CategorySlug): Product[] {
  return products.filter(product => product.category === category)
}

const euros = new Intl.NumberFormat('en-IE', {
  style: 'currency',
  currency: 'EUR',
  maximumFractionDigits: 0,
})

/** `189` → `"€189"`. */
export function formatPrice(price: number): string {
  return euros.format(price)
}
