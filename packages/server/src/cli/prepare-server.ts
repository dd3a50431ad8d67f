import process from 'node:process'
import { resolve as resolvePath } from 'node:path'
import {
  CountryFileError,
  HistoryBoundsError,
  type PublicRule,
  type SiteOptions,
  type TidemarkOptions,
} from '../index.ts'
import type { ServeConfig, SiteConfig } from '../options/serve-config.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { describeHistoryBounds } from './describe-history-bounds.ts'
import { type FlagValue, flagOf } from './flag-values.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'
import { readPrometheusToken } from './prometheus-options.ts'
import { toPublicRule } from './public-options.ts'
import { readSites } from './sender-options.ts'
import type { ServeFlags } from './serve-options.ts'
import { readText } from './token-files.ts'
import { type TokenSetup, readTokenOptions } from './token-options.ts'

/** A configuration that is ready for a server: files of keys have been read. */
export interface ServerSetup extends Pick<TokenSetup, 'readers' | 'senders'> {
  readonly loaded: LoadedConfig
  readonly options: TidemarkOptions
  readonly port: number
  readonly host: string
  /** Data directory as it was given. */
  readonly dataDir: string
  readonly drainMs: number
  readonly drainDelayMs: number
  /** IDs of the sites; `undefined` for any. */
  readonly sites: readonly string[] | undefined
  /** Figures of the first site with public ones. */
  readonly publicRule: PublicRule | undefined
}

export interface SetupFailure {
  /** All mistakes, one sentence or two each. */
  readonly failures: readonly string[]
  readonly code: ExitCode
}

/** Options of the command line: their values, and those that the user has written. */
export interface Given {
  readonly flags: ServeFlags
  readonly values: ReadonlyMap<string, FlagValue>
}

const defaultDrainMs = 10_000

/** Loads the configuration and the files that it names. Writes nothing. */
export async function prepareServer(
  { flags, values }: Given,
  context: CliContext,
): Promise<ServerSetup | SetupFailure> {
  const { env = {}, cwd = process.cwd() } = context
  const withRules = readSites(flags, context)
  if ('failure' in withRules) return usage([withRules.failure])
  const publicFlags = toPublicRule(flags)
  if (publicFlags && 'failure' in publicFlags) return usage([publicFlags.failure])
  const combined = new Map(values)
  if (withRules.sites) combined.set('sites', { value: withRules.sites })
  if (publicFlags) combined.set('public', { value: publicFlags })
  const loaded = await loadConfig({ flags: combined, file: flags.config, env, cwd })
  if ('problems' in loaded) return usage(loaded.problems)

  const { config, nameOf } = loaded
  const { host = '127.0.0.1', port = 4711, drainMs = defaultDrainMs, drainDelayMs = 0 } = config
  if (!config.sites && !isLoopback(host)) {
    return usage([
      `${hostNameOf(loaded)} ${host} is reachable from other machines, so --site is required. Name each site with --site ID.`,
    ])
  }
  if (config.public && !config.sites) {
    return usage([
      `${nameOf('public')}: public figures belong to sites. Name each site with --site ID.`,
    ])
  }
  const tokens = readTokenOptions(config.access?.tokens ?? {}, loaded, context)
  if ('failure' in tokens) return { failures: [tokens.failure], code: tokens.code }
  const sites = config.sites?.map(site => readSiteKeys(site, nameOf('sites')))
  const failures = sites?.flatMap(site => (isFailure(site) ? [site.failure] : [])) ?? []
  if (failures.length > 0) return { failures, code: exitCodes.failed }
  const valid = sites?.filter((site): site is string | SiteOptions => !isFailure(site))
  const publicRule = valid?.map(toRule).find(rule => rule !== undefined) ?? config.public
  const isOpen = tokens.readers === 'anyone' && !config.access?.authorize && !publicRule
  if (isOpen && !isLoopback(host)) return usage([openToAnyone(`${hostNameOf(loaded)} ${host}`)])
  const metrics = readPrometheusToken(flags, context)
  if ('failure' in metrics) return usage([metrics.failure])
  const dataDir = config.storage?.dataDir ?? '.tidemark'
  return {
    ...{ loaded, port, host, dataDir, drainMs, drainDelayMs, publicRule },
    ...{ readers: tokens.readers, senders: tokens.senders },
    sites: valid?.map(site => (typeof site === 'string' ? site : site.id)),
    options: toOptions(
      { ...config, prometheus: { ...config.prometheus, ...metrics } },
      { tokens, sites: valid, dataDir: resolvePath(cwd, dataDir) },
    ),
  }
}

const toRule = (site: string | SiteOptions): PublicRule | undefined =>
  typeof site === 'string' ? undefined : site.public

function hostNameOf(loaded: LoadedConfig): string {
  return loaded.sourceOf('host') === 'file' ? loaded.nameOf('host') : (flagOf('host') ?? '')
}

function openToAnyone(host: string): string {
  return (
    `${host} is reachable from other machines, and anyone could read every figure. Require tokens with ` +
    '--token-secret-file, or name the public figures with --public-channel NAME or --public-path PATTERN; ' +
    '--public-channel all shows everything except single events.'
  )
}

interface Resolved {
  tokens: TokenSetup
  sites: readonly (string | SiteOptions)[] | undefined
  dataDir: string
}

/** Converts a configuration to options of `createTidemark`. */
function toOptions(config: ServeConfig, { tokens, sites, dataDir }: Resolved): TidemarkOptions {
  const { port: _port, host: _host, drainMs: _drain, drainDelayMs: _delay, ...shared } = config
  const { tokens: _files, ...access } = shared.access ?? {}
  const { sites: _sites, ...others } = shared
  return {
    ...others,
    ...(sites && { sites }),
    storage: { ...shared.storage, dataDir },
    access: { ...access, ...(tokens.tokens && { tokens: tokens.tokens }) },
  }
}

type Failure = { readonly failure: string }

function isFailure(value: string | SiteOptions | Failure): value is Failure {
  return typeof value === 'object' && 'failure' in value
}

/** Reads the files with write keys of a site. */
function readSiteKeys(site: string | SiteConfig, name: string): string | SiteOptions | Failure {
  if (typeof site === 'string') return site
  const { writeKeyFiles, ...options } = site
  if (!writeKeyFiles) return options
  const keys: string[] = []
  for (const path of writeKeyFiles) {
    const result = readText(path, name)
    if ('failure' in result) return result
    keys.push(result.text.trim())
  }
  return { ...options, writeKeys: [...(options.writeKeys ?? []), ...keys] }
}

/**
 * Finds the mistakes that only a server finds, such as two goals of one name. Creates one in memory, which opens no
 * port and writes nothing.
 */
export async function tryOptions(setup: ServerSetup): Promise<readonly string[]> {
  const { createTidemark } = await import('../index.ts')
  const { storage: _, ...inMemory } = setup.options
  try {
    await createTidemark({ ...inMemory, onError: () => {} }).close()
    return []
  } catch (error) {
    return describeInvalid(error, setup) ?? [String(error)]
  }
}

/** Describes an error about invalid options; `undefined` for other errors. */
export function describeInvalid(
  error: unknown,
  { loaded }: Pick<ServerSetup, 'loaded'>,
): readonly string[] | undefined {
  if (error instanceof HistoryBoundsError) {
    return [describeHistoryBounds(error.violation, loaded.nameOf)]
  }
  if (error instanceof TypeError) return error.message.split('\n')
  return error instanceof CountryFileError ? [error.message] : undefined
}

function usage(failures: readonly string[]): SetupFailure {
  return { failures, code: exitCodes.usage }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
