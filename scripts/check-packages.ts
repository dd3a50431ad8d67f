import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pnpm, root, run } from './run.ts'

/**
 * Packs the public packages as they would be published and checks the tarballs: publint checks that each entry
 * exists and resolves in Node and in bundlers; are-the-types-wrong checks that TypeScript finds the types of each
 * entry (ES modules only). The built command must also start. Run `pnpm build` first.
 */

const publicPackages = ['protocol', 'sdk', 'widgets', 'server']

/** Entries without types: a page loads them by `<script>` or `<link>`. */
const withoutTypes = ['tidemark.js', 'tidemark.extra.js', 'style.css']

async function problemsOf(name: string, folder: string): Promise<string> {
  const packed = await run(pnpm('pack', '--pack-destination', folder), join(root, 'packages', name))
  const [tarball = ''] = globSync(`tidemark-${name}-*.tgz`, { cwd: folder })
  if (packed.code !== 0 || tarball === '') return packed.output
  const path = join(folder, tarball)
  const verdicts = await Promise.all([
    run(['publint', 'run', path, '--strict']),
    run([
      'attw',
      path,
      '--profile',
      'esm-only',
      '--no-definitely-typed',
      '--no-color',
      '--no-emoji',
      '--exclude-entrypoints',
      ...withoutTypes,
    ]),
  ])
  return verdicts
    .filter(({ code }) => code !== 0)
    .map(({ output }) => output)
    .join('\n')
}

/** Runs the built command, because a path that works in the sources may be wrong in the build output. */
async function commandProblem(): Promise<string> {
  const command = join(root, 'packages/server/dist/cli.js')
  const { version } = JSON.parse(
    readFileSync(join(root, 'packages/server/package.json'), 'utf8'),
  ) as { version: string }
  const { output } = await run(['node', command, '--version'])
  return output.trim() === version ? '' : `tidemark --version prints:\n${output}`
}

const folder = mkdtempSync(join(tmpdir(), 'tidemark-pack-'))
try {
  const problems = await Promise.all(publicPackages.map(name => problemsOf(name, folder)))
  const command = await commandProblem()
  if (command !== '') console.log(command)
  for (const [index, name] of publicPackages.entries()) {
    console.log(problems[index] === '' ? `@tidemark/${name}: no problems` : problems[index])
  }
  process.exitCode = [...problems, command].every(problem => problem === '') ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
