import type { ComponentApi, Member } from './api.ts'
import { markersOf, unmarkedBlocks } from './page.ts'

export interface Documentation {
  readonly components: readonly ComponentApi[]
  /** Pages by their path from the root of the workspace. */
  readonly pages: ReadonlyMap<string, string>
  /** Paths of the example files, from their folder. */
  readonly examples: readonly string[]
}

/** Path of a component's page. */
export const pageOf = (component: string): string => `docs/widgets/${component}.md`

/** Reports missing pages, pictures and descriptions, and examples that differ between pages and files. */
export function problemsOf({ components, pages, examples }: Documentation): string[] {
  const markers = [...pages].flatMap(([path, page]) =>
    markersOf(page).map(marker => ({ path, ...marker })),
  )
  const isMarked = (kind: string, name: string, path?: string): boolean =>
    markers.some(
      marker =>
        marker.kind === kind &&
        marker.name === name &&
        (path === undefined || marker.path === path),
    )
  return [
    ...components
      .filter(({ name }) => !isMarked('api', name, pageOf(name)))
      .map(({ name }) => `${pageOf(name)} needs the marker <!-- api:${name} -->`),
    ...components
      .filter(({ name }) => !pages.get(pageOf(name))?.includes(`](images/${name}.png)`))
      .map(({ name }) => `${pageOf(name)} needs the picture images/${name}.png`),
    ...components.flatMap(undocumented),
    ...examples
      .filter(example => !isMarked('example', example))
      .map(example => `tests/widgets/examples/${example} is on no page`),
    ...[...pages].flatMap(([path, page]) =>
      unmarkedBlocks(page).map(line => `${path}: the code block "${line}" is no example`),
    ),
  ]
}

function undocumented({ name, props, slots, emits }: ComponentApi): string[] {
  const missing = (kind: string, members: readonly Member[]): string[] =>
    members
      .filter(member => member.description === '')
      .map(member => `${name}: the ${kind} ${member.name} has no description`)
  return [...missing('prop', props), ...missing('slot', slots), ...missing('event', emits)]
}
