import { type Command, InvalidArgumentError } from 'commander'
import type { SiteConfig } from '../options/serve-config.ts'
import { collect, parseOrigin, parseSite } from './arguments.ts'

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

/**
 * Adds the rules for senders to the sites of `--site`. Files of keys are read later.
 * @returns the sites, `undefined` for any; and the sites that `--site` lacks
 */
export function toSites({
  site: ids,
  writeOrigin = [],
  writeKeyFile = [],
}: SenderFlags & { site?: string[] }): {
  readonly sites: readonly (string | SiteConfig)[] | undefined
  readonly failures: readonly string[]
} {
  const named = new Set([...writeOrigin, ...writeKeyFile].map(({ site }) => site))
  const unknown = [...named].filter(site => !ids?.includes(site))
  const origins = Map.groupBy(writeOrigin, ({ site }) => site)
  const files = Map.groupBy(writeKeyFile, ({ site }) => site)
  return {
    sites: ids?.map(id => toSite(id, origins.get(id)?.map(toValue), files.get(id)?.map(toValue))),
    failures: unknown.map(
      site => `--write-origin and --write-key-file need the site: add --site ${site}.`,
    ),
  }
}

const toValue = ({ value }: OfSite): string => value

function toSite(
  id: string,
  writeOrigins: string[] | undefined,
  writeKeyFiles: string[] | undefined,
): string | SiteConfig {
  if (!writeOrigins && !writeKeyFiles) return id
  return { id, ...(writeOrigins && { writeOrigins }), ...(writeKeyFiles && { writeKeyFiles }) }
}
