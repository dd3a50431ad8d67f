import { readFile } from 'node:fs/promises'

/** Reads the tracker that `@tidemark/sdk` has built. Rejects when there is no build. */
export function loadTracker(): Promise<string> {
  return readFile(new URL(import.meta.resolve('@tidemark/sdk/tidemark.js')), 'utf8')
}
