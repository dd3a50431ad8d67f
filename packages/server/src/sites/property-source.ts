import { type EventProperty, formatProperty, limits } from '@tidemark/protocol'
import type { PropertySource } from '../live/source.ts'
import { toPropertyRows } from '../rollup/bucket/property-rows.ts'
import type { PropertiesToday } from '../rollup/history/properties-today.ts'
import { type CooperativeTask, runToCompletion } from '../shared/cooperative-task.ts'
import { runCooperatively } from '../shared/scheduling.ts'

/** Most properties of a site that are counted for readers at the same time. */
export const maxReadProperties = 50

/** A counted property. */
interface Use {
  /** Number of `retain` calls without a `release`. */
  holders: number
  /** Reads the events before the first `retain`. */
  readonly load: CooperativeTask<void>
}

/** Creates the source of properties of a site. All streams of the site share it. */
export function createPropertySource(today: PropertiesToday): PropertySource {
  const uses = new Map<string, Use>()

  const isNew = (property: EventProperty): boolean => !uses.has(formatProperty(property))
  const isKnown = (property: EventProperty): boolean => today.read(property)?.table !== undefined

  return {
    hasRoomFor: properties => uses.size + properties.filter(isNew).length <= maxReadProperties,
    retain(properties) {
      const added = properties.filter(isNew)
      const load = today.watch(added)
      for (const each of added) uses.set(formatProperty(each), { holders: 0, load })
      for (const each of properties) {
        const use = uses.get(formatProperty(each))
        if (use) use.holders++
      }
    },
    load(properties) {
      const unknown = properties.filter(each => !isKnown(each))
      if (unknown.length === 0) return undefined
      const loads = new Set(unknown.flatMap(each => uses.get(formatProperty(each))?.load ?? []))
      return Promise.all([...loads].map(runCooperatively)).then(() => undefined)
    },
    loadNow(property) {
      const use = uses.get(formatProperty(property))
      if (use && !isKnown(property)) runToCompletion(use.load)
    },
    release(property) {
      const key = formatProperty(property)
      const use = uses.get(key)
      if (!use || --use.holders > 0) return
      uses.delete(key)
      today.unwatch(property)
    },
    versionOf: property => today.read(property)?.version ?? 0,
    rowsOf(property, minCount = 0) {
      const table = today.read(property)?.table
      return table ? toPropertyRows(table, limits.maxListRows, minCount) : []
    },
    endsAt: () => today.endsAt,
  }
}
