import type { Device } from '@tidemark/protocol'

const devices: readonly Device[] = ['desktop', 'mobile', 'tablet', 'tv', 'bot', 'other']

/** The device of a name; `other` for what is none. */
export function toDevice(name: string): Device {
  return devices.find(device => device === name) ?? 'other'
}
