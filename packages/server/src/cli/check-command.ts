import { createServer } from 'node:net'
import type { Command } from 'commander'
import { messageOf } from '../shared/error-message.ts'
import { type CliContext, type ExitCode, exitCodes, writeLines } from './context.ts'
import { type EffectiveField, listFields } from './effective-fields.ts'
import { collectFlags } from './flag-values.ts'
import { type Given, type ServerSetup, prepareServer } from './prepare-server.ts'
import { findAllFailures, findFailures } from './find-failures.ts'
import { type ServeFlags, addServeOptions } from './serve-options.ts'
import { toPrintable } from './text.ts'

interface CheckFlags extends ServeFlags {
  json?: boolean
}

const examples = (tidemark: string): string => `
Prints each option that is set, its value and its source, and the mistakes. Secrets are not printed.
Opens no data directory and changes nothing in it.

Examples:
  $ ${tidemark} check
  $ ${tidemark} check --config /etc/tidemark/tidemark.config.json --json

Exit codes: 0 valid, 2 invalid.`

export function addCheckCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('check')
    .summary('check the configuration of serve')
    .description(
      'Checks the configuration of `serve`, and prints it with the source of each value.',
    )
  addServeOptions(command)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples(context.command))
    .action(async (flags: CheckFlags) =>
      finish(await check({ flags, values: collectFlags(command) }, flags.json === true, context)),
    )
}

/** Result of a check, as `--json` prints it. */
interface CheckResult {
  readonly isValid: boolean
  /** Path of the configuration file; `null` without one. */
  readonly file: string | null
  readonly fields: readonly EffectiveField[]
  readonly problems: readonly string[]
  /** Conditions that may be intended, such as a port that is in use. */
  readonly warnings: readonly string[]
}

async function check(given: Given, isJson: boolean, context: CliContext): Promise<ExitCode> {
  const setup = await prepareServer(given, context)
  const result: CheckResult =
    'failures' in setup
      ? {
          ...{ isValid: false, file: setup.setup?.loaded.file ?? null, fields: [], warnings: [] },
          problems: await findAllFailures(setup),
        }
      : await checkSetup(setup)
  const lines = isJson ? [JSON.stringify(result, null, 2)] : formatResult(result)
  writeLines(context.stdout, lines)
  return result.isValid ? exitCodes.done : exitCodes.usage
}

async function checkSetup(setup: ServerSetup): Promise<CheckResult> {
  const problems = await findFailures(setup)
  return {
    isValid: problems.length === 0,
    file: setup.loaded.file ?? null,
    fields: listFields(setup),
    problems,
    warnings: await checkPort(setup),
  }
}

/** Opens the port for a moment. A server that already runs with this configuration has it. */
function checkPort({ port, host }: ServerSetup): Promise<string[]> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => {
      resolve([`Port ${port} of ${host} cannot be opened now: ${messageOf(error)}.`])
    })
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve([])))
  })
}

function formatResult({ file, fields, problems, warnings, isValid }: CheckResult): string[] {
  const width = Math.max(0, ...fields.map(({ path }) => path.length))
  return [
    ...(isValid ? [`File  ${file ?? 'none'}`, ''] : []),
    ...fields.map(({ path, value, source }) => `${path.padEnd(width)}  ${value}  (${source})`),
    ...(fields.length > 0 ? [''] : []),
    ...warnings.map(warning => `Warning: ${warning}`),
    ...problems.map(problem => `Problem: ${problem}`),
    isValid ? 'The configuration is valid.' : 'The configuration is invalid.',
  ].map(toPrintable)
}
