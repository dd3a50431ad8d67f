import { type Command, InvalidArgumentError } from 'commander'
import { collect, parseAddressBlock, parseOrigin, parseSite, parseTimeZone } from './arguments.ts'
import type { LineCounts } from '../access-log/line-counter.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { configFileNames } from './config-file.ts'
import type { ImportSetup } from './import-setup.ts'
import { type ImportTarget, importLog } from './import-log.ts'
import { type LogFlags, addLogOptions, formatHelp, parseHost, toHosts } from './log-options.ts'
import { defaultOrigin } from './replay-command.ts'
import { formatCount, toPrintable } from './text.ts'

/** Options of `tidemark import`. */
export interface ImportFlags extends LogFlags {
  config?: string
  site?: string
  hostSite?: HostSite[]
  origin?: string
  excludeAddress?: string[]
  dryRun?: true
  undo?: true
  json?: true
}

interface HostSite {
  host: string
  site: string
}

const examples = (tidemark: string): string => `
Stop the server before the import, and start it again afterwards: only one process can have the data
directory open. The same log counts once. If the log has grown, only its new lines count.

${formatHelp}
A page view is a GET of a page with status 2xx or 304. Assets, feeds, redirects and failed requests
appear in the summary only. Page views of bots are counted separately. See docs/import-and-replay.md for
details.

Examples:
  $ ${tidemark} import access.log --site shop --dry-run
  $ ${tidemark} import access.log --site shop
  $ ${tidemark} import --undo --site shop
  $ ${tidemark} import access.log --host-site www.example.com=shop --host-site blog.example.com=blog
  $ ${tidemark} import access.log.1.gz --site shop --data /var/lib/tidemark --origin https://shop.example
  $ zcat access.log.3.gz access.log.2.gz | ${tidemark} import - --site shop --time-zone Europe/Berlin

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted. After 1 or 130, run the same
command again: the import continues after the last counted line.`

export function addImportCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('import')
    .summary("import a web server's access log as history of a site")
    .description(
      "Adds the page views of a web server's access log to the history of a site, at their original times.\n" +
        'Recognizes the format by the first lines, and prints it with one of them.',
    )
    .argument('[file]', 'access log, or - for standard input')
    .option('--site <id>', 'site of the page views', parseSite)
    .option(
      '--host-site <host=id>',
      'site of the page views of one host, in a log of several hosts; repeatable, in place of --site',
      collect(parseHostSite),
    )
    .option(
      '--config <path>',
      `configuration of the server (default: ${configFileNames.join(' or ')}, if one exists)`,
    )
    .option('--data <directory>', 'data directory of the server', '.tidemark')
    .option(
      '--time-zone <name>',
      'time zone of hours and days (default: the time zone of the server, or UTC)',
      parseTimeZone,
    )
    .option(
      '--origin <origin>',
      "scheme and host of the log's paths (default: the host in the log, or https://SITE)",
      parseOrigin,
    )
    .option('--country-file <path>', 'MaxMind database that maps IP addresses to countries')
    .option(
      '--exclude-address <address>',
      'address or CIDR block whose requests do not count, such as your own; repeatable',
      collect(parseAddressBlock),
    )
  addLogOptions(command)
    .option('--dry-run', 'show the first visits and the totals, and write nothing')
    .option('--undo', 'take back the last import of the site')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (file: string | undefined, flags: ImportFlags) =>
      finish(await runImport(file, flags, command, context)),
    )
}

async function runImport(
  file: string | undefined,
  flags: ImportFlags,
  command: Command,
  context: CliContext,
): Promise<ExitCode> {
  const problem = findProblem(file, flags)
  if (problem !== undefined) return fail(context, problem, exitCodes.usage)
  const { site, hostSite = [], undo } = flags
  const { loadImportSetup } = await import('./import-setup.ts')
  const sites = site === undefined ? hostSite.map(each => each.site) : [site]
  const setup = await loadImportSetup(command, flags.config, sites, context)
  if ('failures' in setup) {
    for (const failure of setup.failures) fail(context, failure, exitCodes.usage)
    return exitCodes.usage
  }
  if (undo && site !== undefined) {
    const { undoLastImport } = await import('./import-undo.ts')
    return undoLastImport(site, setup.data, context)
  }
  const given = { ...flags, ...setup }
  // Each site reads the log.
  if (file !== '-' || new Set(sites).size < 2)
    return importAll(file ?? '', file ?? '', given, context)
  const { withCopyOfInput } = await import('./copy-of-input.ts')
  return withCopyOfInput(given, path => importAll(file, path, given, context), context)
}

/** @param path path of the log, or of the copy of standard input */
async function importAll(
  file: string,
  path: string,
  flags: ImportFlags & ImportSetup,
  context: CliContext,
): Promise<ExitCode> {
  const counts: LineCounts[] = []
  for (const target of targetsOf(flags, path, each => counts.push(each))) {
    const code = await importTarget(file, target, flags, context)
    if (code !== exitCodes.done) return code
  }
  if (flags.hostSite && !flags.json) {
    writeLines(context.stdout, formatHostsWithoutSite(counts, flags.hostSite))
  }
  return exitCodes.done
}

/** Formats the hosts of the log that `--host-site` sends to no site; of those that the counts list. */
function formatHostsWithoutSite(
  counts: readonly LineCounts[],
  hostSites: readonly HostSite[],
): string[] {
  const linesOf = new Map(counts.flatMap(({ hosts }) => hosts.map(each => [each.host, each.lines])))
  for (const { host } of hostSites) linesOf.delete(host)
  if (linesOf.size === 0) return []
  const list = [...linesOf].map(([host, lines]) => `${toPrintable(host)} ${formatCount(lines)}`)
  return [`Requests of hosts without --host-site, in no site: ${list.join(', ')}`]
}

async function importTarget(
  file: string,
  target: ImportTarget,
  flags: ImportFlags & ImportSetup,
  context: CliContext,
): Promise<ExitCode> {
  if (!flags.dryRun) return importLog(file, target, flags, context)
  const { previewLog } = await import('./import-preview.ts')
  return previewLog(file, target, flags, context)
}

/** Returns what is wrong with the combination of options. */
function findProblem(file: string | undefined, flags: ImportFlags): string | undefined {
  const { site, hostSite, host, undo } = flags
  if (undo) {
    if (site === undefined) return 'Set --site, the site whose last import --undo takes back.'
    return file === undefined ? undefined : `--undo takes no log, but got ${file}.`
  }
  if (file === undefined) return 'Name the access log, or - for standard input.'
  if (site === undefined && !hostSite) {
    return 'Set --site, or --host-site for each host of a log of several hosts.'
  }
  return hostSite && (site !== undefined || host)
    ? 'Use --host-site without --site and --host: it has the site of each host.'
    : undefined
}

/** Returns the sites of an import. Each reads the log once. */
function targetsOf(
  { site, hostSite = [], host, origin }: ImportFlags,
  path: string,
  onCounts: (counts: LineCounts) => void,
): ImportTarget[] {
  const toTarget = (
    id: string,
    hosts: readonly string[] | undefined,
    index: number,
  ): ImportTarget => ({
    site: id,
    path,
    hosts: toHosts(hosts),
    origin: origin ?? defaultOrigin(id),
    isOriginGiven: origin !== undefined,
    isFirst: index === 0,
    onCounts,
  })
  if (site !== undefined) return [toTarget(site, host, 0)]
  const bySite = Map.groupBy(hostSite, each => each.site)
  return [...bySite].map(([id, group], index) =>
    toTarget(
      id,
      group.map(each => each.host),
      index,
    ),
  )
}

function parseHostSite(text: string): HostSite {
  const [host = '', site = '', ...rest] = text.split('=')
  if (rest.length > 0 || site === '') {
    throw new InvalidArgumentError('Use HOST=SITE, such as www.example.com=shop.')
  }
  return { host: parseHost(host), site: parseSite(site) }
}
