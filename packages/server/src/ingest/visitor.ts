import { createHash, randomBytes } from 'node:crypto'
import type { Settings } from '../log/log.ts'

const dayMs = 24 * 60 * 60 * 1000
const settingName = 'visitor_salt'

/**
 * Stands for visitors who were given no id: the same for the same address and agent on the same site
 * and the same UTC day, and of no use after it, because the salt of the day is then forgotten. Neither
 * address nor agent is stored.
 */
export function createVisitorIds(
  settings: Settings,
  random: (bytes: number) => Buffer = randomBytes,
): (site: string, address: string, userAgent: string, now: number) => string {
  let [day, salt] = (settings.get(settingName) ?? '').split(':')

  return (site, address, userAgent, now) => {
    const today = String(Math.floor(now / dayMs))
    if (day !== today || !salt) {
      day = today
      salt = random(16).toString('hex')
      settings.set(settingName, `${day}:${salt}`)
    }
    const text = JSON.stringify([salt, site, address, userAgent])
    return `~${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`
  }
}
