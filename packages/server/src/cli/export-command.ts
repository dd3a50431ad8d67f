import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { type Problem, isProblem } from '@tidemark/protocol'
import { type Command, Option } from 'commander'
import { messageOf } from '../shared/error-message.ts'
import { parseBaseUrl, parseSite } from './arguments.ts'
import { readBuiltFile } from '../script/built-files.ts'
import type { Tidemark } from '../index.ts'
import { type CliContext, type ExitCode, exitCodes, fail } from './context.ts'
import { explainStart } from './explain-start.ts'

/** Parameters of the query, which the server checks. */
const queryFlags = [
  ...(['from', 'to', 'granularity', 'by', 'name', 'property', 'referrer'] as const),
  ...(['limit', 'bucketLimit', 'row'] as const),
]

interface Flags extends Partial<Record<(typeof queryFlags)[number], string>> {
  site: string
  format: string
  url: URL
  tokenFile?: string
  data?: string
}

const examples = (tidemark: string): string => `
Reads from a running server. With --data it reads a data directory, which no server may have open.
See docs/export-and-erase.md for the columns.

Examples:
  $ ${tidemark} export --site shop --granularity day --from 2026-01-01 > days.csv
  $ ${tidemark} export --site shop --by path --granularity day --format ndjson --token-file token
  $ ${tidemark} export --site shop --by campaign --granularity day --data /var/lib/tidemark

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.`

export function addExportCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('export')
    .summary('print the history of a site as CSV or NDJSON')
    .description('Prints the history of a site as CSV or NDJSON.')
    .requiredOption('--site <id>', 'site of the numbers', parseSite)
    .addOption(
      new Option('--format <format>', 'csv or ndjson').choices(['csv', 'ndjson']).default('csv'),
    )
    .option('--from <time>', 'start of the range, as in the HTTP API')
    .option('--to <time>', 'end of the range, exclusive')
    .option(
      '--granularity <name>',
      'second, minute, hour or day (default: minute, or the finest one that --by has)',
    )
    .option('--by <dimension>', 'rows by a dimension, such as path')
    .option('--name <event>', 'with --by property: properties of one event')
    .option('--property <name>', 'with --name: values of one property')
    .option('--referrer <source>', 'with --by referringPage: pages of one source')
    .option('--limit <count>', 'largest number of rows of the range')
    .option('--bucket-limit <count>', 'rows of each bucket, and their largest number')
    .option('--row <name>', 'one row in each bucket')
    .option(
      '--url <address>',
      "URL of the server's API",
      parseBaseUrl,
      new URL('http://127.0.0.1:4711/api'),
    )
    .option('--token-file <path>', 'file with a token for reading')
    .option('--data <directory>', 'data directory, instead of a server')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await runExport(flags, context)))
}

async function runExport(flags: Flags, context: CliContext): Promise<ExitCode> {
  try {
    return await (flags.data === undefined
      ? exportFromServer(flags, context)
      : exportFromData(flags, flags.data, context))
  } catch (error) {
    if (context.signal.aborted) return exitCodes.interrupted
    return fail(context, `The export failed: ${messageOf(error)}`, exitCodes.failed)
  }
}

async function exportFromServer(flags: Flags, context: CliContext): Promise<ExitCode> {
  const { tokenFile, url } = flags
  const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim()
  const address = `${url.href.replace(/\/$/, '')}/${pathOf(flags)}`
  const headers = { ...(token !== undefined && { Authorization: `Bearer ${token}` }) }
  const { signal } = context
  const answer = await fetch(address, { headers, signal }).catch((error: unknown) => {
    if (signal.aborted) throw error
    const hint = 'Check --url, or read a data directory with --data.'
    throw new Error(`no server answers at ${url.href}. ${hint}`, { cause: error })
  })
  return print(answer, flags, context)
}

async function exportFromData(flags: Flags, data: string, context: CliContext): Promise<ExitCode> {
  const dataDir = resolvePath(data)
  if (!existsSync(join(dataDir, 'tidemark.db'))) {
    return fail(context, `${data} is not a data directory.`, exitCodes.failed)
  }
  // Loaded on demand, so that other commands start faster.
  const { composeTidemark } = await import('../tidemark.ts')
  let tidemark: Tidemark
  try {
    const options = { storage: { dataDir }, log: { level: 'error' } } as const
    tidemark = composeTidemark(options, readBuiltFile, { keepsStoredRules: true })
  } catch (error) {
    const text = explainStart(error, { host: '', port: 0, data })
    return fail(context, text, exitCodes.failed)
  }
  try {
    const request = new Request(`http://localhost/api/${pathOf(flags)}`)
    return await print(await tidemark.fetch(request), flags, context)
  } finally {
    await tidemark.close()
  }
}

function pathOf(flags: Flags): string {
  const query = new URLSearchParams({ format: flags.format })
  for (const name of queryFlags) {
    const value = flags[name]
    if (value !== undefined) query.set(name, value)
  }
  return `sites/${flags.site}/metrics?${query.toString()}`
}

/** Prints an export as fast as the reader of standard output takes it, or the reason why there is none. */
async function print(
  answer: Response,
  { site }: Pick<Flags, 'site'>,
  context: CliContext,
): Promise<ExitCode> {
  const { stdout, signal } = context
  if (!answer.ok || !answer.body) {
    const problem: unknown = await answer.json().catch(() => undefined)
    const reason = isProblem(problem)
      ? explain(problem, site)
      : `the server answers ${answer.status}.`
    const isUsage = isProblem(problem) && problem.code === 'query_invalid'
    return fail(context, `No export: ${reason}`, isUsage ? exitCodes.usage : exitCodes.failed)
  }
  const reader = answer.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const chunk: unknown = read.value
    if (chunk instanceof Uint8Array && !stdout.write(chunk)) await once(stdout, 'drain', { signal })
  }
  return exitCodes.done
}

/** Returns the mistake and the remedy. An unknown site has the same detail for every ID, without the ID. */
function explain({ code, detail }: Problem, site: string): string {
  return code === 'site_unknown' ? `the site '${site}' is unknown. ${detail}` : detail
}
