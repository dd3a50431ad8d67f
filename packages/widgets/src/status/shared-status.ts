import {
  type InjectionKey,
  type ShallowReactive,
  inject,
  onBeforeUnmount,
  provide,
  shallowReactive,
} from 'vue'
import type { DataSource } from './data-source.ts'

/** Sources of the cards of a dashboard, which shows their failures in one place. */
export type SharedSources = ReadonlySet<DataSource>

const sharedSourcesKey: InjectionKey<ShallowReactive<Set<DataSource>>> = Symbol('tidemark-sources')

/** Lets the descendants leave their failures to the current component. @returns the sources of the mounted cards */
export function provideSharedStatus(): SharedSources {
  const sources = shallowReactive(new Set<DataSource>())
  provide(sharedSourcesKey, sources)
  return sources
}

/**
 * Adds the source of a card to those of its dashboard. @returns whether there is a dashboard, which explains failures
 */
export function useSharedStatus(source?: DataSource): boolean {
  const sources = inject(sharedSourcesKey, undefined)
  if (!sources) return false
  if (source) {
    sources.add(source)
    onBeforeUnmount(() => sources.delete(source))
  }
  return true
}
