import { resolve as resolvePath } from 'node:path'
import type { Command } from 'commander'
import type { Listening, Recovery } from '../index.ts'
import { collect, parseAddressBlock, parseHeaderName, parsePort, parseSite } from './arguments.ts'
import { messageOf } from '../replay/failure.ts'
import { type CliContext, type ExitCode, exitCodes, writeLines } from './context.ts'
import { formatCount, toPrintable } from './text.ts'

interface Flags {
  port: number
  host: string
  data: string
  site?: string[]
  countryHeader?: string
  trustedProxy?: string[]
}

const examples = `
Without --site any site may send and be read: a site is made when it is first named. The server listens
on this machine only, unless --host says otherwise.

Examples:
  $ tidemark serve
  $ tidemark serve --port 8080 --data /var/lib/tidemark --site shop --site blog
  $ tidemark serve --host 0.0.0.0 --site shop --trusted-proxy 10.0.0.0/8 --country-header CF-IPCountry

Exit codes: 0 closed, 1 failed, 2 not understood.`

export function addServeCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('serve')
    .summary('run a server')
    .description('Runs a Tidemark server: the API, live streams, and the tracker for script tags.')
    .option('--port <number>', 'port to listen on; 0 for any that is free', parsePort, 4711)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'where the log is kept', '.tidemark')
    .option('--site <id>', 'a site that may be used; repeatable (default: any)', collect(parseSite))
    .option(
      '--country-header <name>',
      "header in which a trusted CDN says the visitor's country",
      parseHeaderName,
    )
    .option(
      '--trusted-proxy <address>',
      'address or CIDR block whose X-Forwarded-For is believed; repeatable',
      collect(parseAddressBlock),
    )
    .addHelpText('after', examples)
    .action(async (flags: Flags) => finish(await serve(flags, context)))
}

async function serve(flags: Flags, context: CliContext): Promise<ExitCode> {
  const { host, site: sites } = flags
  if (!sites && !isLoopback(host)) {
    return fail(
      context,
      `Other machines can reach ${host}: say with --site which sites there are.`,
      exitCodes.usage,
    )
  }
  // Loaded here so that other commands do not open what only a server needs.
  const { createTidemark } = await import('../index.ts')
  const dataDir = resolvePath(flags.data)
  try {
    const tidemark = createTidemark({
      dataDir,
      ...(sites && { sites }),
      ...(flags.countryHeader && { countryHeader: flags.countryHeader }),
      ...(flags.trustedProxy && { trustedProxies: flags.trustedProxy }),
    })
    try {
      const listening = await tidemark.listen({ port: flags.port, hostname: host })
      const recovery = await tidemark.ready
      writeLines(context.stdout, welcome(listening, dataDir, recovery, sites))
      await aborted(context.signal)
    } finally {
      await tidemark.close()
    }
  } catch (error) {
    return fail(context, explain(error, flags), exitCodes.failed)
  }
  writeLines(context.stdout, ['Closed.'])
  return exitCodes.done
}

function fail({ stderr }: CliContext, message: string, code: ExitCode): ExitCode {
  writeLines(stderr, [`tidemark: ${toPrintable(message)}`])
  return code
}

function welcome(
  { url }: Listening,
  dataDir: string,
  { events, durationMs }: Recovery,
  sites: readonly string[] | undefined,
): string[] {
  const site = sites?.[0] ?? 'my-site'
  const seconds = (durationMs / 1000).toFixed(1)
  return [
    `Tidemark runs at ${url}`,
    `  API    ${url}/api`,
    `  log    ${dataDir} (${formatCount(events)} events read in ${seconds} s)`,
    `  sites  ${sites ? sites.join(', ') : 'any: a site is made when it is first named'}`,
    '',
    'Paste this into a page:',
    `  <script defer src="${url}/tidemark.js" data-site="${site}"></script>`,
    "Or send a web server's log:",
    `  tidemark replay access.log --site ${site} --speed 3600 --url ${url}/api`,
    '',
    'Ctrl+C closes the server.',
  ]
}

/** What went wrong with a start, in a sentence that says what to do. */
function explain(error: unknown, { host, port, data }: Flags): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use, perhaps by another Tidemark. Choose one with --port.`
  }
  if (code === 'EACCES' && port > 0 && port < 1024) {
    return `This user may not listen on port ${port}. Choose one from 1024 on with --port.`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `This machine has no address ${host}. Choose one with --host.`
  }
  const reason = messageOf(error)
  return `The server with its log in ${data} did not start: ${reason}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
