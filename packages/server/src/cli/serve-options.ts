import { type Command, Option } from 'commander'
import type { Durability, Goal, RatesOptions } from '../index.ts'
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../logging/logger.ts'
import {
  collect,
  parseAddressBlock,
  parseGoal,
  parseHeaderName,
  parseHostName,
  parseOrigin,
  parsePort,
  parseRate,
  parseRetention,
  parseSessionGap,
  parseSite,
  parseTimeZone,
} from './arguments.ts'
import { configFileNames } from './config-file.ts'
import { type PrometheusFlags, addPrometheusOptions } from './prometheus-options.ts'
import { type PublicFlags, addPublicOptions } from './public-options.ts'
import { type SenderFlags, addSenderOptions } from './sender-options.ts'
import { type TokenFlags, addTokenOptions } from './token-options.ts'

/** Parsed options of `tidemark serve`. */
export interface ServeFlags extends TokenFlags, SenderFlags, PublicFlags, PrometheusFlags {
  config?: string
  port: number
  host: string
  data: string
  durability: Durability
  site?: string[]
  countryHeader?: string
  countryFile?: string
  timeZone?: string
  keepMinutes?: number
  keepHours?: number
  keepDays?: number
  sessionGap?: number
  goal?: Goal[]
  trustedProxy?: string[]
  allowedOrigin?: string[]
  hostName?: string[]
  logLevel: LogLevel
  logFormat?: LogFormat
  rate?: RatesOptions
}

const durabilities: readonly Durability[] = ['process', 'fsync']

export function addServeOptions(command: Command): Command {
  const served = addHistoryOptions(addServerOptions(command))
  return addPublicOptions(
    addTokenOptions(addLogOptions(addSenderOptions(addRequestOptions(served)))),
  )
}

function addServerOptions(command: Command): Command {
  return command
    .option(
      '--config <path>',
      `configuration file (default: ${configFileNames.join(' or ')}, if one exists)`,
    )
    .option('--port <number>', 'port to listen on; 0 picks a free port', parsePort, 4711)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'data directory', '.tidemark')
    .addOption(
      new Option(
        '--durability <level>',
        'accepted events survive a crash of the process; with fsync also a crash of the machine',
      )
        .choices(durabilities)
        .default('process'),
    )
    .option('--site <id>', 'site to accept; repeatable (default: any)', collect(parseSite))
    .option(
      '--country-header <name>',
      "header of a trusted CDN with the visitor's country code",
      parseHeaderName,
    )
    .option('--country-file <path>', 'MaxMind database that maps IP addresses to countries')
}

function addHistoryOptions(command: Command): Command {
  return command
    .option(
      '--time-zone <name>',
      'time zone of hours and days, such as Europe/Berlin (default: stored or UTC)',
      parseTimeZone,
    )
    .option(
      '--keep-minutes <duration>',
      'retention of history by minutes, from 2h to forever (default: stored or 48h)',
      parseRetention,
    )
    .option(
      '--keep-hours <duration>',
      'retention of history by hours, from 2d to forever (default: stored or 90d)',
      parseRetention,
    )
    .option(
      '--keep-days <duration>',
      'retention of history by days, from 2d to forever (default: stored or forever)',
      parseRetention,
    )
    .option(
      '--session-gap <duration>',
      'longest gap between two events of one session, 1m to 1d (default: stored or 30m)',
      parseSessionGap,
    )
}

function addRequestOptions(command: Command): Command {
  return command
    .option(
      '--goal <name=target>',
      'goal with the event or the /path that reaches it; repeatable',
      collect(parseGoal),
    )
    .option(
      '--trusted-proxy <address>',
      'IP address or CIDR block of a proxy whose X-Forwarded-For is trusted; repeatable',
      collect(parseAddressBlock),
    )
    .option(
      '--allowed-origin <origin>',
      "origin of pages that may read, besides the server's own; repeatable (default: any)",
      collect(parseOrigin),
    )
    .option(
      '--host-name <name>',
      'name or IP address that requests may have in Host; repeatable (default: any)',
      collect(parseHostName),
    )
    .option(
      '--rate <name=number>',
      'another highest rate, such as eventsPerSecondPerSite=50000, or none; repeatable',
      (text: string, before?: RatesOptions) => ({ ...before, ...parseRate(text) }),
    )
}

function addLogOptions(command: Command): Command {
  return addPrometheusOptions(command)
    .addOption(
      new Option('--log-level <level>', 'least severity of the lines on standard error')
        .choices(logLevels)
        .default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'format of these lines (default: text on a terminal, else json)',
      ).choices(logFormats),
    )
}
