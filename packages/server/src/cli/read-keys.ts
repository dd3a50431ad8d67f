import type { SiteOptions } from '../index.ts'
import type { LoadedConfig } from './load-config.ts'
import { readKeyFiles } from './token-files.ts'

/** Keys of senders and of readers of metrics, from files and from the configuration itself. */
export interface Keys {
  /** The sites with their keys; `undefined` for any site. */
  readonly sites: readonly (string | SiteOptions)[] | undefined
  readonly metricsTokens: readonly string[] | undefined
  /** All mistakes; none contains a key. */
  readonly failures: readonly string[]
}

/** Reads the files with keys that a configuration names. */
export function readKeys(loaded: LoadedConfig, command: string): Keys {
  const { config, nameOf, sourceOf } = loaded
  const failures: string[] = []
  const readAll = (
    paths: readonly string[],
    optionOf: (index: number) => string,
  ): readonly string[] => {
    const read = readKeyFiles(paths, optionOf, command)
    failures.push(...read.failures)
    return read.keys
  }
  const sites = config.sites?.map((site, index): string | SiteOptions => {
    if (typeof site === 'string') return site
    const { writeKeyFiles, ...options } = site
    if (!writeKeyFiles) return options
    const field = `${nameOf('sites')}[${index}].writeKeyFiles`
    const isFlag = sourceOf('sites') === 'flag'
    const keys = readAll(writeKeyFiles, each => (isFlag ? '--write-key-file' : `${field}[${each}]`))
    return { ...options, writeKeys: [...(options.writeKeys ?? []), ...keys] }
  })
  const { tokens, tokenFiles } = config.prometheus ?? {}
  if (!tokenFiles) return { sites, metricsTokens: tokens, failures }
  const name = nameOf('prometheus.tokenFiles')
  const isFlag = sourceOf('prometheus.tokenFiles') === 'flag'
  const read = readAll(tokenFiles, index => (isFlag ? name : `${name}[${index}]`))
  // The flag replaces the tokens of the other sources.
  return { sites, metricsTokens: isFlag ? read : [...(tokens ?? []), ...read], failures }
}
