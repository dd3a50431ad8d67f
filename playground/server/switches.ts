import { isObject } from '@tidemark/protocol'

/** What can be broken here on purpose, and by `simulation` who else is on the shop. */
export interface Switches {
  /** Whether the network lets WebSockets through; `blocked` is a strict proxy, that answers 403. */
  websocket: 'open' | 'blocked'
  /** Whether the network lets answers stream; `held` is a proxy that hands on nothing before the end, which never comes. */
  streams: 'open' | 'held'
  /** Whether anything reaches the analytics server; the pages themselves stay reachable. */
  network: 'up' | 'cut'
  /** Whether simulated shoppers come to the shop. */
  simulation: 'on' | 'off'
}

/** What `GET /playground/switches` answers. */
export interface PlaygroundState extends Switches {
  /** The analytics server: `down` from its kill to the moment it takes requests again. */
  server: 'up' | 'down'
  /** Simulated shoppers whom the analytics server counts as here. */
  shoppers: number
}

/** The positions of each switch; the first is the one it starts in. */
const positions: { readonly [Name in keyof Switches]: readonly Switches[Name][] } = {
  websocket: ['open', 'blocked'],
  streams: ['open', 'held'],
  network: ['up', 'cut'],
  simulation: ['on', 'off'],
}

/** Reads what a request wants to switch: the switches to set, or one sentence that says what is wrong. */
export function parseSwitches(body: unknown): Partial<Switches> | string {
  if (!isObject(body)) return 'The body has to be an object, such as {"network":"cut"}.'
  const set: Partial<Switches> = {}
  for (const [name, value] of Object.entries(body)) {
    if (!isSwitch(name)) return `There is no switch ${JSON.stringify(name)}.`
    if (!setSwitch(set, name, value)) return `${name} takes ${positions[name].join(' or ')}.`
  }
  return set
}

/** How long a restart may keep the server away, in milliseconds. */
const maxDownMs = 60_000

/** Reads for how long a restart keeps the server away, or one sentence that says what is wrong. */
export function parseRestart(body: unknown): { downMs?: number } | string {
  if (!isObject(body)) return 'The body has to be an object, such as {} or {"downMs":2000}.'
  const { downMs } = body
  if (downMs === undefined) return {}
  const isValid = typeof downMs === 'number' && downMs >= 0 && downMs <= maxDownMs
  return isValid ? { downMs } : `downMs takes milliseconds from 0 to ${maxDownMs}.`
}

function setSwitch<Name extends keyof Switches>(
  into: Partial<Switches>,
  name: Name,
  value: unknown,
): boolean {
  const position = positions[name].find(known => known === value)
  if (position !== undefined) into[name] = position
  return position !== undefined
}

function isSwitch(name: string): name is keyof Switches {
  return Object.hasOwn(positions, name)
}
