import {
  type ActivePage,
  type ChannelName,
  type FeedEntry,
  type Frame,
  type Patch,
  type Snapshot,
  type State,
  applyPatch,
} from '@tidemark/protocol'

/** Site that changes all its channels in every frame. */
export interface ScriptedState {
  /** Advances the state by one frame. */
  advance(): Frame
  snapshot(channels: readonly ChannelName[]): Snapshot
  readonly cursor: string
}

const epoch = 7
const countries = ['DE', 'FR', 'GB', 'US', 'JP', 'BR', 'IN', 'ES']
const sources = ['(direct)', 'google.com', 'bing.com', 'news.example', 'blog.example', 'x.com']
const devices = ['desktop', 'mobile', 'tablet'] as const
const eventNames = ['page_view', 'sign_up', 'add_to_cart', 'checkout', 'search', 'download']

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], number: number): Item {
  const item = items[number % items.length]
  if (item === undefined) throw new Error('There is no item to pick.')
  return item
}

/** A number from 1 to 100 that changes with each frame. */
const amount = (number: number): number => 1 + ((number * 37) % 100)

export function createScriptedState(): ScriptedState {
  let seq = 1
  let state: State = applyPatch({}, { ...createPatch(0), ...createFullPatch() })

  return {
    advance() {
      const patch = createPatch(++seq)
      state = applyPatch(state, patch)
      return { p: seq - 1, s: seq, at: Date.now(), patch }
    },
    snapshot(channels) {
      const entries = Object.entries(state).filter(([name]) => channels.some(each => each === name))
      return {
        cursor: `${epoch}.${seq}`,
        at: Date.now(),
        windowMinutes: 5,
        ...Object.fromEntries(entries),
      }
    },
    get cursor() {
      return `${epoch}.${seq}`
    },
  }
}

/** All rows of the lists, and a full feed. */
function createFullPatch(): Patch {
  return {
    activePages: { set: Array.from({ length: 15 }, (_, number) => pageRow(number, number)) },
    referrers: { set: sources.map((source, number) => ({ source, visitors: amount(number) })) },
    countries: { set: countries.map((country, number) => ({ country, visitors: amount(number) })) },
    devices: { set: devices.map((device, number) => ({ device, visitors: amount(number) })) },
    events: { set: eventNames.map((name, number) => ({ name, count: amount(number) })) },
    recentEvents: { set: Array.from({ length: 50 }, (_, number) => feedEntry(number)) },
  }
}

/** Changes one or two rows of each list, and adds an entry to the feed. */
function createPatch(seq: number): Patch {
  return {
    currentVisitors: 1000 + amount(seq),
    pageViews: 5000 + seq,
    activePages: { set: [pageRow(seq % 15, seq), pageRow((seq + 4) % 15, seq)] },
    referrers: { set: [{ source: pick(sources, seq), visitors: amount(seq) }] },
    countries: { set: [{ country: pick(countries, seq), visitors: amount(seq) }] },
    devices: { set: [{ device: pick(devices, seq), visitors: amount(seq) }] },
    events: { set: [{ name: pick(eventNames, seq), count: amount(seq) }] },
    recentEvents: { set: [feedEntry(100 + seq)] },
  }
}

function pageRow(number: number, seq: number): ActivePage {
  return { path: `/products/${number}`, visitors: amount(seq) }
}

function feedEntry(number: number): FeedEntry {
  return {
    id: `${number}-0`,
    type: number % 4 === 0 ? 'event' : 'pageview',
    name: number % 4 === 0 ? 'sign_up' : 'page_view',
    path: `/products/${number % 15}`,
    title: `Product ${number % 15}`,
    country: pick(countries, number),
    timestamp: Date.now(),
  }
}
