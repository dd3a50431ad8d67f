import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { root } from '../../scripts/run.ts'

export interface Instruction {
  /** Upper case. */
  readonly name: string
  /** Text after the name, in one line. */
  readonly text: string
}

export const dockerfilePath: string = join(root, 'deploy/Dockerfile')

/** Reads the instructions of `deploy/Dockerfile`, by stage. */
export function readStages(): Instruction[][] {
  const file = DockerfileParser.parse(readFileSync(dockerfilePath, 'utf8'))
  const stages: Instruction[][] = []
  for (const instruction of file.getInstructions()) {
    const name = instruction.getKeyword()
    if (name === 'FROM') stages.push([])
    stages.at(-1)?.push({ name, text: instruction.getArgumentsContent() ?? '' })
  }
  return stages
}

/** Returns the text of the last instruction with a name. */
export function textOf(stage: readonly Instruction[], name: string): string {
  return stage.findLast(each => each.name === name)?.text ?? ''
}

/** Parses the exec form of an instruction, such as `["node", "-e", "…"]`. */
export function parseWords(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

/** Parses `A=1 B=2`, also over several lines. */
export function parseVariables(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/[\s\\]+/).map(pair => {
      const [name = '', ...value] = pair.split('=')
      return [name, value.join('=')]
    }),
  )
}

/** Returns whether the build context has a path: `.dockerignore` allows some names and forbids others in them. */
export function createContextFilter(): (path: string) => boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const patterns = lines.filter(line => line !== '' && !line.startsWith('#'))
  const [all, ...others] = patterns
  if (all !== '*') throw new Error('.dockerignore: the first pattern is not `*`.')
  const allowed = others.filter(each => each.startsWith('!')).map(each => each.slice(1))
  const forbidden = others
    .filter(each => !each.startsWith('!'))
    .map(each => {
      if (!each.startsWith('**/'))
        throw new Error(`.dockerignore: ${each} does not start with **/.`)
      const name = each.slice(3).replaceAll('.', '\\.').replaceAll('*', '[^/]*')
      return new RegExp(`(?:^|/)${name}(?:/|$)`)
    })
  return path =>
    allowed.some(
      each => path === each || path.startsWith(`${each}/`) || each.startsWith(`${path}/`),
    ) && !forbidden.some(each => each.test(path))
}
