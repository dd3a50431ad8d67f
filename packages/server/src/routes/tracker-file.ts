import { readFile } from 'node:fs/promises'

/** Command that builds the tracker in a clone of the workspace. */
export const trackerBuildCommand = 'npx -y pnpm@12 --filter @tidemark/sdk build'

/** Reads the tracker that `@tidemark/sdk` has built. Rejects when there is no build. */
export function loadTracker(): Promise<string> {
  return readFile(new URL(import.meta.resolve('@tidemark/sdk/tidemark.js')), 'utf8')
}
