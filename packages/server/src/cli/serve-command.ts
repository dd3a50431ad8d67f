import { resolve as resolvePath } from 'node:path'
import type { Command } from 'commander'
import { HistoryBoundsError } from '../index.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { describeHistoryBounds } from './describe-history-bounds.ts'
import { explainStart } from './explain-start.ts'
import { withHomePage } from './home-page.ts'
import { type SitesSetup, readSites } from './sender-options.ts'
import { type ServeFlags, addServeOptions, toTidemarkOptions } from './serve-options.ts'
import { type TokenSetup, readTokenOptions } from './token-options.ts'
import { firstSite, formatWelcome } from './welcome.ts'

const examples = (tidemark: string): string => `
Without --site, the server accepts any site ID, and its first use creates the site. By default the server
listens on 127.0.0.1, which only this machine can reach; --host changes the address.

History options are stored in the data directory. Without the option, the server uses the stored value.

Examples:
  $ ${tidemark} serve
  $ ${tidemark} serve --port 8080 --data /var/lib/tidemark --site shop --site blog
  $ ${tidemark} serve --site shop --goal 'Bought=purchase' --goal 'Read the docs=/docs/**'
  $ ${tidemark} serve --site shop --token-secret-file token-secret --allowed-origin https://dash.example
  $ ${tidemark} serve --host 0.0.0.0 --site shop --trusted-proxy 10.0.0.0/8 --country-header CF-IPCountry

Exit codes: 0 stopped, 1 failure, 2 invalid command line.`

export function addServeCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('serve')
    .summary('run a server')
    .description('Runs a Tidemark server: the API, live streams, and the tracker for script tags.')
  addServeOptions(command)
    .addHelpText('after', examples(context.command))
    .action(async (flags: ServeFlags) => finish(await serve(flags, context)))
}

async function serve(flags: ServeFlags, context: CliContext): Promise<ExitCode> {
  const { host, site: sites } = flags
  if (!sites && !isLoopback(host)) {
    return fail(
      context,
      `--host ${host} is reachable from other machines, so --site is required. Name each site with --site ID.`,
      exitCodes.usage,
    )
  }
  const setup = readTokenOptions(flags, context)
  if ('failure' in setup) return fail(context, setup.failure, setup.code)
  const senders = readSites(flags, context)
  if ('failure' in senders) return fail(context, senders.failure, exitCodes.usage)
  try {
    await runServer(flags, { ...setup, ...senders }, context)
  } catch (error) {
    if (error instanceof HistoryBoundsError) {
      return fail(context, describeHistoryBounds(error.violation), exitCodes.usage)
    }
    // Invalid combinations of options, such as two goals of one name.
    if (error instanceof TypeError) return fail(context, error.message, exitCodes.usage)
    return fail(context, explainStart(error, flags), exitCodes.failed)
  }
  writeLines(context.stdout, ['Stopped.'])
  return exitCodes.done
}

/** Runs a server until the context's signal is aborted. */
async function runServer(
  flags: ServeFlags,
  { tokens, readers, senders, sites: siteOptions }: TokenSetup & SitesSetup,
  { command, stdout, stderr, signal, onHangup }: CliContext,
): Promise<void> {
  const { host: hostname, port, site: sites } = flags
  // Loaded on demand, so that other commands start faster.
  const { createTidemark } = await import('../index.ts')
  const { createLogger } = await import('../logging/logger.ts')
  const { logLevel: level, logFormat } = flags
  const logger = createLogger({ level, ...(logFormat && { format: logFormat }) }, level, stderr)
  const ignoreHangup = onHangup?.(() => logger.warn({ kind: 'hangup_ignored' }, hangupIgnored))
  const tidemark = createTidemark({
    ...toTidemarkOptions(flags, tokens, { sites: siteOptions }),
    log: { logger },
  })
  try {
    const { scriptTag: tagOf } = tidemark
    const home = { acceptsAnySite: !sites, readers, senders, scriptTag: tagOf }
    const app = withHomePage({ server: tidemark, ...home })
    const { url } = await tidemark.listen({ port, hostname, app })
    const recovery = await tidemark.ready
    const scriptTag = await tagOf({ site: firstSite(sites), url })
    const dataDir = resolvePath(flags.data)
    const started = { command, url, dataDir, recovery, sites, scriptTag, readers, senders }
    writeLines(stdout, formatWelcome(started))
    await aborted(signal)
  } finally {
    await tidemark.close()
    ignoreHangup?.()
  }
}

const hangupIgnored =
  'SIGHUP is ignored: options and secrets are read at the start. To change them, restart the server.'

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
