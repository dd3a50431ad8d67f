import process from 'node:process'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type CliContext, exitCodes, fail } from './context.ts'
import { collectFlags } from './flag-values.ts'
import { loadConfig } from './load-config.ts'

/** A data directory. */
export interface DataDir {
  /** As it was given, for messages. */
  readonly data: string
  /** Absolute path. */
  readonly path: string
}

/**
 * Returns the data directory that `serve` uses: of `--data`, the environment, the configuration file, or the default.
 * Writes the mistakes of an invalid configuration, and returns `undefined` then.
 */
export async function loadDataDir(
  command: Command,
  file: string | undefined,
  context: CliContext,
): Promise<DataDir | undefined> {
  const { env = {}, cwd = process.cwd() } = context
  const loaded = await loadConfig({ flags: collectFlags(command, ['data']), file, env, cwd })
  if (loaded.problems.length > 0 || !('config' in loaded)) {
    for (const problem of loaded.problems) fail(context, problem, exitCodes.usage)
    return undefined
  }
  const data = loaded.config.storage?.dataDir ?? '.tidemark'
  return { data, path: resolve(cwd, data) }
}
