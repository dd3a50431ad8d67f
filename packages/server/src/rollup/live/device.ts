import type { Device } from '@tidemark/protocol'

const devices: readonly Device[] = [
  ...(['desktop', 'mobile', 'tablet', 'tv', 'console', 'headset', 'car'] as const),
  ...(['bot', 'other'] as const),
]

/** Converts a stored name to a device type. An unknown name becomes `other`. */
export function toDevice(name: string): Device {
  return devices.find(device => device === name) ?? 'other'
}
