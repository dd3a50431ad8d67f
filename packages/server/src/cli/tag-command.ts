import type { Command } from 'commander'
import { readBuiltFile } from '../script/built-files.ts'
import { formatScriptTag } from '../script/script-tag.ts'
import { noArchive } from '../script/script-archive.ts'
import { createScripts } from '../script/scripts.ts'
import { trackerBuildCommand } from '../shared/tracker-build-command.ts'
import { parseBaseUrl, parseSite } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'

interface Flags {
  site: string
  url: URL
}

const examples = (tidemark: string): string => `
The file name in the tag has the version of this installation, so browsers cache the file for a year and load no other
content. Run the command where the server of the URL is installed. A server also serves the last 20 versions that ran on
its data directory, so a tag keeps working after an upgrade.

Examples:
  $ ${tidemark} tag --site shop --url https://stats.example.com
  $ ${tidemark} tag --site shop --url https://shop.example.com/api

Exit codes: 0 success, 1 failure, 2 invalid command line.`

export function addTagCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('tag')
    .summary('print the script tag for the pages of a site')
    .description('Prints the script tag that tracks the pages of a site.')
    .requiredOption('--site <id>', 'site of the pages', parseSite)
    .requiredOption(
      '--url <url>',
      'address of the server, or the address at which an app mounts the API',
      parseBaseUrl,
    )
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await printTag(flags, context)))
}

async function printTag({ site, url }: Flags, context: CliContext): Promise<ExitCode> {
  const { readBuilt = readBuiltFile } = context
  const scripts = createScripts({ readBuilt, archive: noArchive, onError: () => {} })
  const version = await scripts.current()
  if (!version) {
    const message = `The tracker has not been built. Build it with \`${trackerBuildCommand}\`.`
    return fail(context, message, exitCodes.failed)
  }
  writeLines(context.stdout, [formatScriptTag({ site, url: url.href }, version)])
  return exitCodes.done
}
