import { Command, CommanderError } from 'commander'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { addImportCommand } from './import-command.ts'
import { addReplayCommand } from './replay-command.ts'
import { addServeCommand } from './serve-command.ts'
import { addTokenCommand } from './token-command.ts'
import { readVersion } from '../shared/version.ts'

/**
 * Runs the command line `tidemark …`.
 * @param words without the names of node and of the script
 * @returns what the process should end with; see `exitCodes`
 */
export async function runCli(words: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done
  const finish = (result: ExitCode): void => void (code = result)
  const program = createProgram(context)
  addServeCommand(program, context, finish)
  addReplayCommand(program, context, finish)
  addImportCommand(program, context, finish)
  addTokenCommand(program, context, finish)
  for (const each of program.commands) {
    each.showHelpAfterError(`(${context.command} ${each.name()} --help says how)`)
  }
  if (words.length === 0) {
    program.outputHelp({ error: true })
    return exitCodes.usage
  }
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version end with 0; all else is a line that commander could not read, and has said so.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
}

function createProgram({ command, stdout, stderr }: CliContext): Command {
  return new Command('tidemark')
    .description('Live web analytics that a page can trust.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .showHelpAfterError(`(${command} --help says how)`)
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
    })
    .addHelpText(
      'after',
      `
Examples:
  $ ${command} serve
  $ ${command} replay access.log.gz --site demo --speed 3600
  $ ${command} import access.log.gz --site demo
  $ ${command} token --site demo --secret-file token-secret

Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted.`,
    )
}
