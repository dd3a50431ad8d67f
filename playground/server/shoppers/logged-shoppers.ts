import { readFile, writeFile } from 'node:fs/promises'
import type { LoggedShopper } from './presence.ts'

/**
 * Saves the simulated shoppers in the server's log when the playground closes. The next start reads the
 * file, recognizes these visitors as simulated, and lets fewer new ones arrive.
 */
export async function saveLoggedShoppers(
  file: string,
  shoppers: readonly LoggedShopper[],
): Promise<void> {
  await writeFile(file, JSON.stringify(shoppers))
}

/** Loads the saved shoppers. Returns an empty array when the file is missing or invalid. */
export async function loadLoggedShoppers(file: string): Promise<LoggedShopper[]> {
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'))
    return Array.isArray(stored) ? stored.filter(isLoggedShopper) : []
  } catch {
    return []
  }
}

function isLoggedShopper(value: unknown): value is LoggedShopper {
  if (typeof value !== 'object' || value === null) return false
  const { visitorId, url, loggedAt, leftAt }: Partial<Record<keyof LoggedShopper, unknown>> = value
  return (
    typeof visitorId === 'string' &&
    typeof url === 'string' &&
    typeof loggedAt === 'number' &&
    (leftAt === undefined || typeof leftAt === 'number')
  )
}
