import { hash, randomBytes } from 'node:crypto'
import type { Settings } from '../log/log.ts'

const dayMs = 24 * 60 * 60 * 1000
const settingName = 'visitor_salt'

/**
 * Stands for visitors who were given no id: the same for the same address and agent on the same site
 * and the same UTC day, and of no use after it, because the salt of the day is then forgotten. Neither
 * address nor agent is stored.
 * @throws {LogUnavailableError} when a day begins and its salt cannot be stored
 */
export function createVisitorIds(
  settings: Settings,
  random: (bytes: number) => Buffer = randomBytes,
): (site: string, address: string, userAgent: string, now: number) => string {
  let [day, salt] = (settings.get(settingName) ?? '').split(':')

  return (site, address, userAgent, now) => {
    const today = String(Math.floor(now / dayMs))
    if (day !== today || !salt) {
      const fresh = random(16).toString('hex')
      // Stored before it is used, or a restart would see everyone of this day anew.
      settings.set(settingName, `${today}:${fresh}`)
      day = today
      salt = fresh
    }
    const text = JSON.stringify([salt, site, address, userAgent])
    return `~${hash('sha256', text, 'base64url').slice(0, 16)}`
  }
}
