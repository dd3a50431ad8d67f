import type { Command } from 'commander'
import { openAccessLog } from '../access-log/open-log.ts'
import type { ReplayFailure } from '../replay/failure.ts'
import { type ReplayResult, startReplay } from '../replay/replay.ts'
import { parseBaseUrl, parseOrigin, parseSite, parseSpeed, parseTime } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, writeLines } from './context.ts'
import {
  type LogFlags,
  addLogOptions,
  describeFormat,
  formatHelp,
  toDeclaration,
  toHosts,
} from './log-options.ts'
import { showProgress } from './progress.ts'
import { formatReplaySummary } from './replay-summary.ts'
import { toPrintable } from './text.ts'

interface Flags extends LogFlags {
  site: string
  speed: number
  url: URL
  at?: number
  origin?: string
  json?: true
}

const examples = (tidemark: string): string => `
Log time t becomes at + (t − t0) / speed: t0 is the time of the first entry, and at is the value of --at.
With --at in the past, the replay first catches up at full speed. The server rejects page views that are
more than 48 hours old.

${formatHelp}
A page view is a GET of a page with status 2xx or 304. Assets, feeds, redirects and failed requests are
counted, but not sent. See docs/import-and-replay.md for details.

Examples:
  $ ${tidemark} replay access.log --site demo --speed 3600
  $ zcat access.log.*.gz | ${tidemark} replay - --site demo --speed 600
  $ tail -f access.log | ${tidemark} replay - --site demo
  $ ${tidemark} replay access.log --site demo --speed 3600 --at "$(date -u -d '1 hour ago' +%FT%TZ)" --json

Exit codes: 0 success, 1 failure (some or all page views were not delivered), 2 invalid command line,
130 interrupted.`

export function addReplayCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('replay')
    .summary("send a web server's access log to a server as live traffic")
    .description(
      "Sends the page views of a web server's access log to a Tidemark server as live traffic.\n" +
        'Recognizes the format by the first lines, and prints it with one of them.',
    )
    .argument('<file>', 'access log, or - for standard input')
    .requiredOption('--site <id>', 'site of the page views', parseSite)
    .option('--speed <factor>', 'seconds of the log per second', parseSpeed, 1)
    .option(
      '--url <address>',
      "URL of the server's API",
      parseBaseUrl,
      new URL('http://127.0.0.1:4711/api'),
    )
    .option('--at <time>', 'time of the first entry in the replay (default: now)', parseTime)
    .option(
      '--origin <origin>',
      "scheme and host of the log's paths (default: https://SITE)",
      parseOrigin,
    )
  addLogOptions(command)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (file: string, flags: Flags) => finish(await replay(file, flags, context)))
}

async function replay(file: string, flags: Flags, context: CliContext): Promise<ExitCode> {
  const { stdin, stdout, stderr, signal } = context
  const { site, speed, url, at, origin = defaultOrigin(site), json } = flags
  const run = startReplay({
    open: stop => openAccessLog(file, { stdin, signal: stop }),
    ...{ url, site, origin, speed, signal, declared: toDeclaration(flags) },
    hosts: toHosts(flags.host),
    onFormat(format) {
      if (!json) writeLines(stderr, describeFormat(format))
    },
    ...(at !== undefined && { at }),
  })
  const hideProgress = showProgress(stderr, run.progress)
  const result = await run.done
  hideProgress()

  if (json) writeLines(stdout, [JSON.stringify({ file, site, url, origin, speed, ...result })])
  else if (!result.failure || result.accepted > 0) writeLines(stdout, formatReplaySummary(result))
  if (result.failure) {
    const text = explainFailure(result.failure, file, context.command)
    writeLines(stderr, [`tidemark: ${toPrintable(text)}`])
  }
  return exitCodeOf(result)
}

function explainFailure({ code, message }: ReplayFailure, file: string, command: string): string {
  if (code === 'log_unreadable') return `Cannot read ${file}: ${message}`
  if (code === 'refused') return message
  return `${message} Start a server with \`${command} serve\`, or set the URL of its API with --url.`
}

/** Returns the site as an origin if its ID is a host name; otherwise with the reserved suffix `.example` (RFC 2606). */
export function defaultOrigin(site: string): string {
  const origin = `https://${site.includes('.') ? site : `${site}.example`}`
  return URL.canParse(origin) ? new URL(origin).origin : 'https://site.example'
}

function exitCodeOf(result: ReplayResult): ExitCode {
  if (result.failure) return exitCodes.failed
  if (result.interrupted) return exitCodes.interrupted
  const isDelivered = Object.keys(result.failed).length === 0
  const isAccepted = result.accepted > 0 || result.pageViews === 0
  return isDelivered && isAccepted ? exitCodes.done : exitCodes.failed
}
