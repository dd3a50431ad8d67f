import { randomBytes } from 'node:crypto'
import type { ChannelName } from '@tidemark/protocol'
import { type Command, Option } from 'commander'
import type { Scope } from '../guard/authorization.ts'
import { mintToken } from '../guard/mint-token.ts'
import { minSecretBytes } from '../guard/token-key.ts'
import {
  collect,
  parseChannel,
  parseLifetime,
  parsePagePattern,
  parseScope,
  parseSiteOrAll,
} from './arguments.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { readSecret, secretVariable } from './token-files.ts'

interface Flags {
  site?: string[]
  scope?: Scope[]
  channel?: ChannelName[]
  path?: string[]
  expiresIn: number | 'never'
  secretFile?: string
  newSecret?: boolean
}

const examples = (tidemark: string): string => `
The secret is the one of \`serve --token-secret-file\`. Everyone with the secret can create tokens. Without
--secret-file, the secret is read from the environment variable ${secretVariable}.

Examples:
  $ ${tidemark} token --new-secret > token-secret
  $ ${tidemark} serve --site shop --token-secret-file token-secret
  $ ${tidemark} token --site shop --secret-file token-secret
  $ ${tidemark} token --site shop --site blog --expires-in 30d --secret-file token-secret
  $ ${tidemark} token --site shop --channel currentVisitors --path '/products/**' --secret-file token-secret
  $ ${tidemark} token --site '*' --expires-in never --secret-file token-secret

Exit codes: 0 success, 1 failure, 2 invalid command line.`

export function addTokenCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('token')
    .summary('create an access token, or a secret for tokens')
    .description(
      'Creates a token for reading a site or sending events, or a secret that signs tokens.',
    )
    .option(
      '--site <id>',
      "site of the token, or '*' for all sites; repeatable",
      collect(parseSiteOrAll),
    )
    .option(
      '--scope <scope>',
      'permission of the token: read or write; repeatable (default: read)',
      collect(parseScope),
    )
    .option(
      '--channel <name>',
      'channel that the token may read; repeatable (default: all)',
      collect(parseChannel),
    )
    .option(
      '--path <pattern>',
      'pages whose visitors the token may read, such as /products/**; repeatable (default: all)',
      collect(parsePagePattern),
    )
    .addOption(
      new Option(
        '--expires-in <time>',
        'lifetime of the token, such as 90s, 15m, 12h or 30d, or never',
      )
        .argParser(parseLifetime)
        .default(86_400_000, '1d'),
    )
    .option('--secret-file <path>', 'file with the secret that signs the token')
    .option('--new-secret', 'print a new secret instead of a token')
    .addHelpText('after', examples(context.command))
    .action(async (flags: Flags) => finish(await printToken(flags, context)))
}

async function printToken(flags: Flags, context: CliContext): Promise<ExitCode> {
  if (flags.newSecret) {
    writeLines(context.stdout, [randomBytes(minSecretBytes).toString('base64url')])
    return exitCodes.done
  }
  if (!flags.site) {
    return fail(
      context,
      "--site is missing. Name a site with --site ID, or all sites with --site '*'.",
      exitCodes.usage,
    )
  }
  const result = readSecret(flags.secretFile, context)
  if (!result) {
    const message = `The secret is missing. Name its file with --secret-file, or set ${secretVariable}.`
    return fail(context, message, exitCodes.usage)
  }
  if ('failure' in result) return fail(context, result.failure, exitCodes.failed)
  const issuedAt = Date.now()
  const token = await mintToken(result.secret, {
    site: flags.site.includes('*') ? '*' : flags.site,
    scopes: flags.scope ?? ['read'],
    figures: {
      ...(flags.channel && { channels: flags.channel }),
      ...(flags.path && { paths: flags.path }),
    },
    issuedAt,
    expiresAt: flags.expiresIn === 'never' ? undefined : issuedAt + flags.expiresIn,
  })
  writeLines(context.stdout, [token])
  return exitCodes.done
}
