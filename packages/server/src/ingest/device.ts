import type { Device } from '@tidemark/protocol'
import Bowser from 'bowser'
import { LRUCache } from 'lru-cache'

/** Longer than any browser's own; what follows is somebody's doing. */
const maxAgentLength = 512
const maxCachedAgents = 5000

const cache = new LRUCache<string, Device>({ max: maxCachedAgents })

const devices: ReadonlyMap<string | undefined, Device> = new Map([
  ['desktop', 'desktop'],
  ['mobile', 'mobile'],
  ['tablet', 'tablet'],
  ['tv', 'tv'],
  ['bot', 'bot'],
])

/** What kind of device a `User-Agent` header speaks for. */
export function toDevice(userAgent: string): Device {
  const agent = userAgent.slice(0, maxAgentLength)
  const known = cache.get(agent)
  if (known) return known
  const device = agent === '' ? 'other' : parseDevice(agent)
  cache.set(agent, device)
  return device
}

function parseDevice(agent: string): Device {
  return devices.get(Bowser.getParser(agent).getPlatformType(true)) ?? 'other'
}
