import { isObject } from '@tidemark/protocol'

/** The faults that the playground can simulate, and the shopper simulation. */
export interface Switches {
  /** WebSockets through the proxy: `blocked` simulates a strict proxy and answers 403. */
  websocket: 'open' | 'blocked'
  /** Streamed responses through the proxy: `buffered` simulates a buffering proxy that never forwards them. */
  streams: 'open' | 'buffered'
  /** Connection to the analytics server: `cut` closes every connection. The pages stay reachable. */
  network: 'up' | 'cut'
  /** Whether new simulated shoppers arrive. */
  simulation: 'on' | 'off'
}

/** Response of `GET /playground/switches`. */
export interface PlaygroundState extends Switches {
  /** The analytics server: `down` from its kill until it accepts requests again. */
  server: 'up' | 'down'
  /** Simulated shoppers that the analytics server counts as active. */
  shoppers: number
}

/** Valid positions of each switch; the first position is the default. */
const positions: { readonly [Name in keyof Switches]: readonly Switches[Name][] } = {
  websocket: ['open', 'blocked'],
  streams: ['open', 'buffered'],
  network: ['up', 'cut'],
  simulation: ['on', 'off'],
}

/** Parses the body of a switch request. Returns an error sentence when it is invalid. */
export function parseSwitches(body: unknown): Partial<Switches> | string {
  if (!isObject(body)) return 'The body must be a JSON object, such as {"network":"cut"}.'
  const switches: Partial<Switches> = {}
  for (const [name, value] of Object.entries(body)) {
    if (!isSwitch(name)) {
      const names = Object.keys(positions).join(', ')
      return `${JSON.stringify(name)} is not a switch; use one of: ${names}.`
    }
    if (!setSwitch(switches, name, value)) {
      const values = positions[name].map(position => JSON.stringify(position)).join(' or ')
      return `${name} must be ${values}, not ${JSON.stringify(value)}.`
    }
  }
  return switches
}

/** Longest downtime of a restart, in milliseconds. */
const maxDownMs = 60_000

/** Parses the body of a restart request. Returns an error sentence when it is invalid. */
export function parseRestart(body: unknown): { downMs?: number } | string {
  if (!isObject(body)) return 'The body must be a JSON object, such as {} or {"downMs":2000}.'
  const { downMs } = body
  if (downMs === undefined) return {}
  const isValid = typeof downMs === 'number' && downMs >= 0 && downMs <= maxDownMs
  if (isValid) return { downMs }
  return `downMs must be a number of milliseconds from 0 to ${maxDownMs}, not ${JSON.stringify(downMs)}.`
}

/** Sets one switch. Returns false when the value is not a position of the switch. */
function setSwitch<Name extends keyof Switches>(
  switches: Partial<Switches>,
  name: Name,
  value: unknown,
): boolean {
  const position = positions[name].find(known => known === value)
  if (position !== undefined) switches[name] = position
  return position !== undefined
}

function isSwitch(name: string): name is keyof Switches {
  return Object.hasOwn(positions, name)
}
