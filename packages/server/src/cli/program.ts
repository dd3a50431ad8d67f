import { Command, CommanderError } from 'commander'
import { readVersion } from '../shared/version.ts'
import { addCheckCommand } from './check-command.ts'
import { type CliContext, type ExitCode, exitCodes } from './context.ts'
import { addBackupCommand } from './backup-command.ts'
import { addExportCommand } from './export-command.ts'
import { addForgetCommand } from './forget-command.ts'
import { addImportCommand } from './import-command.ts'
import { addReplayCommand } from './replay-command.ts'
import { addRestoreCommand } from './restore-command.ts'
import { addServeCommand } from './serve-command.ts'
import { addTagCommand } from './tag-command.ts'
import { addTokenCommand } from './token-command.ts'

/**
 * Runs the command line `tidemark …`.
 * @param words arguments without the paths of node and of the script
 * @returns the exit code; see `exitCodes`
 */
export async function runCli(words: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done
  const finish = (result: ExitCode): void => void (code = result)
  const program = createProgram(context)
  addServeCommand(program, context, finish)
  addCheckCommand(program, context, finish)
  addReplayCommand(program, context, finish)
  addImportCommand(program, context, finish)
  addBackupCommand(program, context, finish)
  addRestoreCommand(program, context, finish)
  addExportCommand(program, context, finish)
  addForgetCommand(program, context, finish)
  addTokenCommand(program, context, finish)
  addTagCommand(program, context, finish)
  for (const command of program.commands) {
    command.showHelpAfterError(helpHint(`${context.command} ${command.name()}`))
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
    // Commander uses 0 for help and version. It has already printed any other error.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
}

function helpHint(command: string): string {
  return `Run '${command} --help' for the options.`
}

function createProgram({ command, stdout, stderr }: CliContext): Command {
  return new Command('tidemark')
    .description('Live web analytics on your own server.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .showHelpAfterError(`Run '${command} --help' for the commands.`)
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
  $ ${command} backup --to backups/ --keep 14
  $ ${command} restore --from backups/ --data restored
  $ ${command} export --site demo --by path --granularity day
  $ ${command} forget --site demo --visitor 7f3c9e
  $ ${command} token --site demo --secret-file token-secret
  $ ${command} tag --site demo --url https://stats.example.com

Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.`,
    )
}
