/** What the shop sells. The pages show it, and the simulated shoppers walk through it. */

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
  readonly line: string
  readonly text: string
  /** What it is made of and how large it is, as pairs of a word and a value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly drawing: Drawing
  /** Which of the two forms of the drawing. @default 'a' */
  readonly form?: 'a' | 'b'
}

export const shopName = 'Slackwater'

export const categories: readonly Category[] = [
  {
    slug: 'instruments',
    name: 'Instruments',
    line: 'For the wall, and for the weather behind it.',
  },
  { slug: 'paper', name: 'Charts & paper', line: 'Soundings, tables, and room for your own.' },
  { slug: 'on-board', name: 'On board', line: 'Wool and light for the hours before dawn.' },
]

export const products: readonly Product[] = [
  {
    slug: 'brass-tide-clock',
    name: 'Brass tide clock',
    category: 'instruments',
    price: 189,
    line: 'Hours to high water, at a glance.',
    text: 'One hand, one turn for each tide: twelve hours and twenty-five minutes, as the moon has it. Set it once at high water, and again when you move to another coast.',
    facts: [
      ['Case', 'Spun brass, lacquered'],
      ['Dial', '150 mm'],
      ['Movement', 'Lunar quartz, 12 h 25 min'],
    ],
    drawing: 'tide-clock',
  },
  {
    slug: 'harbour-tide-clock',
    name: 'Harbour tide clock',
    category: 'instruments',
    price: 149,
    line: 'The same tide, in enamelled steel.',
    text: 'Made for the boathouse: the glass sits in a rubber ring, the case is enamelled inside and out, and the dial can be read from across the slip.',
    facts: [
      ['Case', 'Enamelled steel'],
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
    line: 'It knows before the forecast does.',
    text: 'A falling needle is the oldest warning there is. The set hand remembers where it stood this morning, so that what counts, the change, is what you see.',
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
    line: 'A harbour gauge for the door frame.',
    text: 'The board that stands in every harbour, one metre and a half of it. Most are bought for jetties; most end up beside a kitchen door, with names and dates of children.',
    facts: [
      ['Length', '1500 mm'],
      ['Material', 'Enamelled aluminium'],
      ['Graduation', '10 mm, both ways up'],
    ],
    drawing: 'tide-staff',
  },
  {
    slug: 'chart-of-the-skerries',
    name: 'Chart of the skerries',
    category: 'paper',
    price: 48,
    line: 'Four hundred islands, six with people.',
    text: 'Printed from the survey of 1911 with the soundings in fathoms and the old sea marks, on paper that takes pencil and forgives rubber.',
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
    line: 'Where the ground moves every winter.',
    text: 'The outer sands as they lay at the last survey, with the drying heights underlined. Not for navigation, and not for the faint of heart.',
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
    line: 'A year of high and low, for forty ports.',
    text: 'Times and heights for forty harbours, springs in bold. Small enough for an oilskin pocket, and stitched, so that it lies open on the chart table.',
    facts: [
      ['Pages', '224'],
      ['Size', '105 × 148 mm'],
      ['Binding', 'Thread, soft cover'],
    ],
    drawing: 'tables',
  },
  {
    slug: 'logbook',
    name: 'Logbook, twelve moons',
    category: 'paper',
    price: 32,
    line: 'One page a day, with room for weather.',
    text: 'Wind, glass, sea, remarks: four columns that have not changed in two hundred years. The cover is sailcloth and the paper does not mind a wet sleeve.',
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
    line: 'Knitted in the round, without a seam.',
    text: 'Five-ply worsted, knitted so tightly that it turns spray. Front and back are the same, so it can be worn either way and wears out half as fast.',
    facts: [
      ['Wool', '5-ply worsted'],
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
    line: 'For four hours on deck at a time.',
    text: 'A double brim, long enough for the ears, in the same worsted as the gansey. It has been called shapeless; it takes the shape of its owner.',
    facts: [
      ['Wool', '5-ply worsted'],
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
    line: 'Two metres of gray, with one stripe.',
    text: 'Woven from undyed fleece in four greys, washed until it felts a little. The stripe shows which end is the foot, which matters more than you would think.',
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
    line: 'Burns for eleven hours in any wind.',
    text: 'Hot air is led back to the flame through the side tubes, so a gust feeds it and does not put it out. The glass lifts with one thumb.',
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
