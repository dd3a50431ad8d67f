/**
 * Returns the command that the user types to run this program, for use in messages. In a clone of the workspace it is a
 * pnpm script, because `tidemark` is not on the PATH.
 */
export function commandOf(env: Readonly<Record<string, string | undefined>>): string {
  const isPnpm = env['npm_config_user_agent']?.startsWith('pnpm/') ?? false
  const isScript = isPnpm && env['npm_lifecycle_event'] === 'tidemark'
  return isScript ? 'npx -y pnpm@12 tidemark' : 'tidemark'
}
