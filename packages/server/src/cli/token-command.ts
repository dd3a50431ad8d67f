import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import type { Scope } from '../guard/authorization.ts'
import { mintToken } from '../guard/mint-token.ts'
import { minSecretBytes } from '../guard/token-key.ts'
import { collect, parseLifetime, parseScope, parseSiteOrAll } from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { readSecret, secretVariable } from './token-files.ts'

interface Flags {
  site?: string[]
  scope?: Scope[]
  expiresIn: number | 'never'
  secretFile?: string
  newSecret?: boolean
}

const examples = (tidemark: string): string => `
The secret is that of \`serve --token-secret-file\`: whoever knows it can make tokens. It is taken from the file, or
else from the variable ${secretVariable}.

Examples:
  $ ${tidemark} token --new-secret > token-secret
  $ ${tidemark} serve --site shop --token-secret-file token-secret
  $ ${tidemark} token --site shop --secret-file token-secret
  $ ${tidemark} token --site shop --site blog --expires-in 30d --secret-file token-secret
  $ ${tidemark} token --site '*' --expires-in never --secret-file token-secret

Exit codes: 0 printed, 1 failed, 2 not understood.`

export function addTokenCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('token')
    .summary('make a token that reads a site')
    .description('Prints a token by which a reader is let in, or a secret to sign tokens with.')
    .option(
      '--site <id>',
      "a site that it is for, or '*' for all; repeatable",
      collect(parseSiteOrAll),
    )
    .option(
      '--scope <scope>',
      'what it lets one do: read or write; repeatable (default: read)',
      collect(parseScope),
    )
    .addOption(
      new Option('--expires-in <time>', 'how long it is good: 90s, 15m, 12h, 30d or never')
        .argParser(parseLifetime)
        .default(86_400_000, '1d'),
    )
    .option('--secret-file <path>', 'file with the secret that it is signed with')
    .option('--new-secret', 'print a new secret in place of a token')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await printToken(flags, context)))
}

async function printToken(flags: Flags, context: CliContext): Promise<ExitCode> {
  if (flags.newSecret) {
    writeLines(context.stdout, [randomBytes(minSecretBytes).toString('base64url')])
    return exitCodes.done
  }
  if (!flags.site) {
    return fail(context, 'Say with --site which site the token is for.', exitCodes.usage)
  }
  const found = readSecret(flags.secretFile, context)
  if (!found) {
    const message = `Say with --secret-file where the secret is, or set ${secretVariable}.`
    return fail(context, message, exitCodes.usage)
  }
  if ('failure' in found) return fail(context, found.failure, exitCodes.failed)
  const issuedAt = Date.now()
  const token = await mintToken(found.secret, {
    site: flags.site.includes('*') ? '*' : flags.site,
    scopes: flags.scope ?? ['read'],
    issuedAt,
    expiresAt: flags.expiresIn === 'never' ? undefined : issuedAt + flags.expiresIn,
  })
  writeLines(context.stdout, [token])
  return exitCodes.done
}
