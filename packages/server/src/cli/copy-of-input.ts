import { tmpdir } from 'node:os'
import { resolve as resolvePath } from 'node:path'
import process from 'node:process'
import { messageOf } from '../shared/error-message.ts'
import { type CliContext, type ExitCode, exitCodes, fail } from './context.ts'
import { type SpooledInput, spoolInput } from './spool-input.ts'

/**
 * Copies standard input to a file for the duration of an import, because several sites read it. The file is in the data
 * directory; of a dry run, in the directory for temporary files.
 */
export async function withCopyOfInput(
  { data, dryRun }: { readonly data: string; readonly dryRun?: true },
  run: (path: string) => Promise<ExitCode>,
  context: CliContext,
): Promise<ExitCode> {
  const { stdin, signal, cwd = process.cwd() } = context
  // A dry run writes nothing to the data directory.
  const directory = dryRun ? tmpdir() : resolvePath(cwd, data)
  let copy: SpooledInput
  try {
    copy = await spoolInput(stdin, directory, { signal })
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted
    const reason = `Standard input cannot be copied to ${directory}, where each site reads it: ${messageOf(error)}`
    const message = `${reason.replace(/\.?$/, '.')} Write it to a file, and import the file.`
    return fail(context, message, exitCodes.failed)
  }
  try {
    return await run(copy.path)
  } finally {
    await copy.remove()
  }
}
