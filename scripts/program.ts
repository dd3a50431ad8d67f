import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { root } from './run.ts'

/**
 * Programs of the machine that tests need beside the product: to see it in, to compare it with, or to be
 * in its way. One that is missing is installed where that can be done without asking.
 */

/** What a hook of a test may take that calls `requireProgram`, as one may have to be installed after others. */
export const installTimeoutMs = 300_000

const isWindows = process.platform === 'win32'

/** Where the first of these is: where a Unix has its programs, or on the PATH. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = isWindows
    ? []
    : ['/usr/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync)
}

/** As `findProgram`, but installs Debian's package of the first name when there is none. */
export async function requireProgram(...names: readonly string[]): Promise<string | undefined> {
  const [name = ''] = names
  return findProgram(names) ?? ((await installPackages(name)) ? findProgram(names) : undefined)
}

/** Why there is no such program, as a test that is skipped for it says it. */
export const whyMissing = (name: string): string =>
  `There is no ${name} on the PATH, nor could it be installed, which takes root on Debian or Ubuntu.`

/** Installs packages of Debian or Ubuntu; false where that is another system, or takes another user than this one. */
export async function installPackages(...packages: readonly string[]): Promise<boolean> {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return false
  const what = packages.join(' and ')
  // Tests in other processes may need theirs just now, and apt-get waits for nobody.
  const apt = ['flock', join(tmpdir(), 'tidemark-apt.lock'), 'apt-get', '-qq']
  return (
    (await succeeds(what, [...apt, 'update'])) &&
    (await succeeds(what, [...apt, 'install', '-y', '--no-install-recommends', ...packages]))
  )
}

/** Whether a command that gets us `what` ends well. Minutes may pass, so all that it says is shown, on the error stream. */
export function succeeds(
  what: string,
  [program = '', ...args]: readonly string[],
): Promise<boolean> {
  process.stderr.write(`There is no ${what} yet, so: ${[program, ...args].join(' ')}\n`)
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      shell: isWindows,
    })
    child.on('error', () => resolve(false))
    child.on('exit', code => resolve(code === 0))
  })
}
