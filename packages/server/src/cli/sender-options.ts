import { type Command, InvalidArgumentError } from 'commander'
import type { SiteOptions } from '../index.ts'
import { collect, parseOrigin, parseSite } from './arguments.ts'
import type { CliContext } from './context.ts'
import { readText } from './token-files.ts'

/** Options of `serve` for the senders of single sites. */
export interface SenderFlags {
  writeOrigin?: OfSite[]
  writeKeyFile?: OfSite[]
}

/** A value for one site. */
interface OfSite {
  readonly site: string
  readonly value: string
}

export function addSenderOptions(command: Command): Command {
  return command
    .option(
      '--write-origin <site=origin>',
      'origin of pages that may send events to a site; repeatable (default: any)',
      collect(parseOfSite(parseOrigin, 'SITE=ORIGIN, such as shop=https://shop.example')),
    )
    .option(
      '--write-key-file <site=path>',
      'file with a key of server-side senders of a site; repeatable',
      collect(parseOfSite(path => path, 'SITE=PATH, such as shop=/etc/tidemark/shop-key')),
    )
}

/** Parses `SITE=VALUE`. */
function parseOfSite(
  parseValue: (text: string) => string,
  format: string,
): (text: string) => OfSite {
  return text => {
    const [, site = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (site === '' || value === '') throw new InvalidArgumentError(`Use ${format}.`)
    return { site: parseSite(site), value: parseValue(value) }
  }
}

/** The sites of a server; `undefined` for any. */
export interface SitesSetup {
  readonly sites: readonly (string | SiteOptions)[] | undefined
}

/**
 * Adds the rules for senders to the sites of `--site`. Reads the files of keys.
 * @returns the sites, or an error message that contains no key
 */
export function readSites(
  { site: ids, writeOrigin = [], writeKeyFile = [] }: SenderFlags & { site?: string[] },
  { command }: Pick<CliContext, 'command'>,
): SitesSetup | { readonly failure: string } {
  const named = new Set([...writeOrigin, ...writeKeyFile].map(({ site }) => site))
  const unknown = [...named].find(site => !ids?.includes(site))
  if (unknown !== undefined) {
    return { failure: `--write-origin and --write-key-file need the site: add --site ${unknown}.` }
  }
  const keys = new Map<string, string[]>()
  for (const { site, value: path } of writeKeyFile) {
    const remedy = `Create it with \`${command} token --new-secret > ${path}\`.`
    const result = readText(path, '--write-key-file', remedy)
    if ('failure' in result) return result
    // Editors end a file with a line break.
    keys.set(site, [...(keys.get(site) ?? []), result.text.trim()])
  }
  const origins = Map.groupBy(writeOrigin, ({ site }) => site)
  const sites = ids?.map(id =>
    toSite(
      id,
      origins.get(id)?.map(({ value }) => value),
      keys.get(id),
    ),
  )
  return { sites }
}

function toSite(
  id: string,
  writeOrigins: string[] | undefined,
  writeKeys: string[] | undefined,
): string | SiteOptions {
  if (!writeOrigins && !writeKeys) return id
  return { id, ...(writeOrigins && { writeOrigins }), ...(writeKeys && { writeKeys }) }
}
