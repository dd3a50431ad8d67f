import { spawn } from 'node:child_process'
import { basename, delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The workspace's folder. */
export const root: string = fileURLToPath(new URL('..', import.meta.url))

/** No command of ours takes nearly as long; one that hangs must not hang the caller. */
const timeoutMs = 600_000

export interface Finished {
  /** Exit code; 1 when the command could not be started or was ended by a signal. */
  code: number
  /** What it printed, on both streams, in the order in which it came. */
  output: string
  /** What it printed on standard output alone, where the order is its own. */
  stdout: string
}

/** Runs a program of the workspace's `node_modules/.bin` or of the machine, in `folder`, without input. */
export function run(command: readonly string[], folder: string = root): Promise<Finished> {
  const [program = '', ...args] = command
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      // On Windows the programs of `.bin` are scripts, which only a shell starts.
      shell: process.platform === 'win32',
    })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', error => resolve({ code: 1, output: `${output}${error.message}\n`, stdout }))
    child.on('close', code => resolve({ code: code ?? 1, output, stdout }))
  })
}

/** The pnpm that started us, or else the one that the README names. */
export function pnpm(...args: string[]): string[] {
  const starter = process.env['npm_execpath'] ?? ''
  if (!basename(starter).startsWith('pnpm')) return ['npx', '-y', 'pnpm@12', ...args]
  return /\.[cm]?js$/.test(starter) ? [process.execPath, starter, ...args] : [starter, ...args]
}

/**
 * Runs a script of the workspace's package.json.
 * @throws {Error} with all that it printed, when it fails
 */
export async function runScript(name: string): Promise<void> {
  const { code, output } = await run(pnpm('--silent', 'run', name))
  if (code !== 0) throw new Error(`The script ${name} failed:\n${output}`)
}
