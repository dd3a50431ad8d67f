import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../scripts/run.ts'
import { createTemporaryDirectory } from '../faults/server-process.ts'
import { findFreePort } from '../nginx/nginx.ts'
import { parseWords, readStages, textOf } from './dockerfile.ts'
import { type Image, buildImage } from './image.ts'

const stage = readStages().at(-1) ?? []

/** Starts the image with its entry point. */
function startImage(
  { env, toFolder }: Image,
  words: string[],
  port: number,
): ChildProcessByStdio<null, Readable, Readable> {
  const [entry = ''] = parseWords(textOf(stage, 'ENTRYPOINT'))
  const child = spawn(entry, words.map(toFolder), {
    cwd: toFolder(textOf(stage, 'WORKDIR')),
    env: { ...env, PORT: String(port), TIDEMARK_TOKEN_SECRET: 's'.repeat(32) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Runs the command of HEALTHCHECK. */
function checkHealth({ env }: Image, port: number): number | null {
  const [program = '', ...words] = parseWords(textOf(stage, 'HEALTHCHECK'))
  return spawnSync(program, words, { env: { ...env, PORT: String(port) } }).status
}

it('Dockerfile: builds an image of the packed packages, which serves, backs up and stops', async () => {
  const folder = createTemporaryDirectory()
  const image = buildImage(folder)
  const app = join(folder, 'app')

  // Only the packed packages and their production dependencies, in the versions of the lockfile.
  const packages = readdirSync(join(app, 'node_modules'))
  for (const name of ['vite', 'vitest', 'typescript', 'vue']) expect(packages).not.toContain(name)
  const sources = globSync('{dist,node_modules/@tidemark/**}/**/*.ts', { cwd: app })
  expect(sources.filter(path => !path.endsWith('.d.ts'))).toEqual([])
  expect(existsSync(join(app, 'src'))).toBe(false)
  const { version } = JSON.parse(
    readFileSync(join(app, 'node_modules/hono/package.json'), 'utf8'),
  ) as { version: string }
  expect(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')).toContain(`  hono@${version}:`)

  // The default command names no site, and the server is reachable from outside.
  const words = parseWords(textOf(stage, 'CMD'))
  const refused = startImage(image, words, 0)
  const [reason, exit] = await Promise.all([text(refused.stderr), once(refused, 'exit')])
  expect([reason, exit]).toEqual([expect.stringContaining('so --site is required'), [2, null]])

  const compose = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8')) as {
    services: { tidemark: { command: string } }
  }
  const port = await findFreePort()
  const child = startImage(image, compose.services.tidemark.command.split(' '), port)
  expect(checkHealth(image, await findFreePort())).toBe(1)
  await expect.poll(() => checkHealth(image, port), { timeout: 20_000 }).toBe(0)
  const url = `http://127.0.0.1:${port}`
  const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
  const sent = await fetch(`${url}/api/sites/my-site/events`, { method: 'POST', body })
  expect(sent.status).toBe(202)
  expect((await fetch(`${url}/api/sites/my-site/realtime`)).status).toBe(401)
  expect((await fetch(`${url}/tidemark.js`)).status).toBe(200)
  const backup = 'backup --data /data --to /backups/ --keep 14 --json'.split(' ')
  const made = spawnSync('tidemark', backup.map(image.toFolder), { env: image.env })
  expect(JSON.parse(String(made.stdout))).toMatchObject({ events: 1, sites: 1 })

  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
