import process from 'node:process'
import { relative } from 'node:path'
import type { Command } from 'commander'
import type { ConfiguredRules, RequestedSettings } from '../import/site-rules.ts'
import type { ServeConfig } from '../options/serve-config.ts'
import { resolveSites } from '../site-options.ts'
import { storeRules } from '../store-rules.ts'
import type { CliContext } from './context.ts'
import { collectFlags } from './flag-values.ts'
import { type LoadedConfig, loadConfig, serveLeaves } from './load-config.ts'

/** The parts of a server's configuration that an import uses. */
export interface ImportSetup {
  /** Data directory as it was given. */
  readonly data: string
  readonly countryFile: string | undefined
  /** Settings for the data directory. */
  readonly requested: RequestedSettings
  /** Name of the configuration for messages; `undefined` when there is none, so that the last server's rules apply. */
  readonly configName: string | undefined
  /** Returns the name of a field where it was given, for messages. */
  nameOf(path: string): string
}

/** Options of an import that a configuration also has, as Commander reports them. */
const sharedFlags = ['data', 'timeZone', 'countryFile']

/**
 * Loads the configuration of the server: flags of the import, then environment, then file.
 * @param sites sites of the import. Each must be in the configuration, if that lists the sites
 * @returns all mistakes when there are any
 */
export async function loadImportSetup(
  command: Command,
  file: string | undefined,
  sites: readonly string[],
  { env = {}, cwd = process.cwd() }: CliContext,
): Promise<ImportSetup | { readonly failures: readonly string[] }> {
  const loaded = await loadConfig({ flags: collectFlags(command, sharedFlags), file, env, cwd })
  if (!('config' in loaded)) return { failures: loaded.problems }
  const failures = [...loaded.problems, ...findUnlisted(sites, loaded)]
  if (failures.length > 0) return { failures }
  const { config, nameOf } = loaded
  const configName = nameOfRules(loaded, cwd)
  return {
    data: config.storage?.dataDir ?? '.tidemark',
    countryFile: config.countryFile,
    requested: {
      timeZone: config.history?.timeZone,
      timeZoneName: nameOf('history.timeZone'),
      configured: configName === undefined ? undefined : toRules(config),
    },
    configName,
    nameOf,
  }
}

/** Finds the sites for which the server would refuse requests. */
function findUnlisted(sites: readonly string[], { config, nameOf }: LoadedConfig): string[] {
  const listed = config.sites?.map(site => (typeof site === 'string' ? site : site.id))
  if (!listed) return []
  return sites
    .filter(site => !listed.includes(site))
    .map(site => `The site ${site} is not in ${nameOf('sites')}. Use one of ${listed.join(', ')}.`)
}

/** Returns the name of the sources that have rules for a site; `undefined` when none has. */
function nameOfRules({ file, sourceOf }: LoadedConfig, cwd: string): string | undefined {
  if (file !== undefined) return relative(cwd, file)
  const isSet = serveLeaves.some(
    ({ path }) =>
      /^(?:sites$|pages\.|exclude\.|history\.)/.test(path) && sourceOf(path) === 'variable',
  )
  return isSet ? 'the environment variables' : undefined
}

function toRules({ sites, pages, exclude, history = {} }: ServeConfig): ConfiguredRules {
  return {
    history,
    storeIn: settings =>
      storeRules(
        settings,
        { ...(sites && { sites }), ...(exclude && { exclude }) },
        resolveSites(sites, { pages }),
      ),
  }
}
