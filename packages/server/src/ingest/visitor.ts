import { hash, randomBytes } from 'node:crypto'

const dayMs = 24 * 60 * 60 * 1000
const settingName = 'visitor_salt'

/** Stores the salt of the day, so that it survives a restart. */
export interface SaltStore {
  get(name: string): string | undefined
  /** Throws when the value cannot be stored. */
  set(name: string, value: string): void
}

/** Derives the id of a visitor without an id. */
export type DeriveVisitorId = (
  site: string,
  address: string,
  userAgent: string,
  now: number,
) => string

/**
 * Creates a function that derives visitor ids. An id is the same for the same address and `User-Agent` header on the
 * same site and the same UTC day. The salt is replaced every day, so ids of different days cannot be linked. Neither
 * address nor header is stored.
 * @throws the error of the salt store, when a day starts and the new salt cannot be stored
 */
export function createVisitorIds(
  settings: SaltStore,
  random: (bytes: number) => Buffer = randomBytes,
): DeriveVisitorId {
  let [saltDay, salt] = (settings.get(settingName) ?? '').split(':')

  return (site, address, userAgent, now) => {
    const today = String(Math.floor(now / dayMs))
    if (saltDay !== today || !salt) {
      const newSalt = random(16).toString('hex')
      // Stored before its first use. Otherwise visitors would get new ids after a restart on the same day.
      settings.set(settingName, `${today}:${newSalt}`)
      saltDay = today
      salt = newSalt
    }
    const text = JSON.stringify([salt, site, address, userAgent])
    return `~${hash('sha256', text, 'base64url').slice(0, 16)}`
  }
}
