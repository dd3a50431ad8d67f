import { type Command, InvalidArgumentError } from 'commander'
import type { LogFormat } from '../access-log/format/entry.ts'
import { FormatError } from '../access-log/format/format-error.ts'
import { compileFormat } from '../access-log/format/format-string.ts'
import { findPreset, presetNames } from '../access-log/format/presets.ts'
import { type Prefix, prefixNames, prefixes } from '../access-log/prefix.ts'
import { type Declaration, type RecognizedFormat, quote } from '../access-log/recognize.ts'
import { isHostName } from '../guard/host-names.ts'
import { collect, parseAddressBlock } from './arguments.ts'
import { formatTime, toPrintable } from './text.ts'

/** Options of the commands that read access logs. */
export interface LogFlags {
  format?: LogFormat[]
  prefix?: Prefix
  trustedProxy?: string[]
  host?: string[]
}

export function addLogOptions(command: Command): Command {
  return command
    .option(
      '--format <format>',
      "format of the log: a preset, or the text of nginx's log_format or Apache's LogFormat; repeatable (default: recognized)",
      collect(parseFormat),
    )
    .option(
      '--prefix <name>',
      `collector that wrote a prefix before each line: ${prefixNames.join(', ')} (default: recognized)`,
      parsePrefix,
    )
    .option(
      '--trusted-proxy <address>',
      'proxy whose forwarded addresses count, as an address or a CIDR block; repeatable (default: the last public address counts)',
      collect(parseAddressBlock),
    )
    .option(
      '--host <host>',
      'host whose requests count, in a log of several hosts; repeatable (default: all)',
      collect(parseHost),
    )
}

/** Text about formats for the help of a command. */
export const formatHelp: string = `Formats: ${presetNames.join(', ')}.`

export function toDeclaration({ format, prefix, trustedProxy = [] }: LogFlags): Declaration {
  return { formats: format, prefix, trustedProxies: trustedProxy }
}

/** Parses the name of a preset, or a format string. */
export function parseFormat(text: string): LogFormat {
  const preset = findPreset(text)
  if (preset) return preset
  try {
    return compileFormat(text)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new InvalidArgumentError(
      `${error.message} Use ${presetNames.join(', ')}, or the text of log_format or LogFormat.`,
    )
  }
}

/** Parses a host of a site, as a log has it. */
export function parseHost(text: string): string {
  if (isHostName(text)) return text.toLowerCase()
  throw new InvalidArgumentError('Use a host without scheme and port, such as www.example.com.')
}

/** Returns the wanted hosts; `undefined` for all. */
export function toHosts(hosts: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return hosts && new Set(hosts)
}

function parsePrefix(text: string): Prefix {
  const prefix = prefixes.find(({ name }) => name === text)
  if (prefix) return prefix
  throw new InvalidArgumentError(`Use one of ${prefixNames.join(', ')}.`)
}

/** Describes the format of a log with one of its lines. */
export function describeFormat({ formats, prefix, example }: RecognizedFormat): string[] {
  const names = formats.map(({ name }) => quote(name)).join(', ')
  const { client = '-', siteHost = '-', at, request, status, ...entry } = example.entry
  const values = [
    ['client', client],
    ['time', formatTime(at)],
    ['host', siteHost],
    ['method', request?.method ?? '-'],
    ['path', request?.target ?? '-'],
    ['status', String(status)],
    ['referrer', entry.referrer ?? (entry.hasReferrer ? '-' : '(not in the log)')],
    ['agent', entry.userAgent ?? '-'],
  ]
  return [
    `Format: ${toPrintable(names)}${prefix ? `, with the prefix ${prefix.name}` : ''}. Line ${example.line}:`,
    ...values.map(([name = '', value = '']) => `  ${name.padEnd(9)}${toPrintable(value)}`),
  ]
}
