import { readFile, writeFile } from 'node:fs/promises'
import type { LoggedShopper } from './presence.ts'

/**
 * Keeps whom the server's log holds when the playground is closed. The next start then knows that they
 * were made up, and sends them home.
 */
export async function keepLeftBehind(
  file: string,
  shoppers: readonly LoggedShopper[],
): Promise<void> {
  await writeFile(file, JSON.stringify(shoppers))
}

/** What was kept; nothing where there is no such file, or it is none of ours. */
export async function readLeftBehind(file: string): Promise<LoggedShopper[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'))
    return Array.isArray(kept) ? kept.filter(isLoggedShopper) : []
  } catch {
    return []
  }
}

function isLoggedShopper(value: unknown): value is LoggedShopper {
  if (typeof value !== 'object' || value === null) return false
  const { visitorId, url, loggedAt }: Partial<Record<keyof LoggedShopper, unknown>> = value
  return typeof visitorId === 'string' && typeof url === 'string' && typeof loggedAt === 'number'
}
