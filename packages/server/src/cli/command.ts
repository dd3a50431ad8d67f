/**
 * How the command is written where this process was started. In a clone of the workspace it is a script
 * that pnpm runs, and `tidemark` alone is not found.
 */
export function commandOf(env: Readonly<Record<string, string | undefined>>): string {
  const isPnpm = env['npm_config_user_agent']?.startsWith('pnpm/') ?? false
  const isScript = isPnpm && env['npm_lifecycle_event'] === 'tidemark'
  return isScript ? 'npx -y pnpm@12 tidemark' : 'tidemark'
}
