import {
  type ComponentInternalInstance,
  getCurrentInstance,
  hasInjectionContext,
  inject,
  provide,
} from 'vue'
import { type SettingsProps, resolveSettings } from './resolve-settings.ts'
import { type Settings, settingsKey } from './settings.ts'

/** Settings of components with props of their own. */
const settingsOf = new WeakMap<ComponentInternalInstance, Settings>()

/**
 * Returns the settings of the current component: its props, else those of the nearest provider, else the
 * defaults.
 * @param props props of the current component; its descendants inherit them
 */
export function useSettings(props?: SettingsProps): Settings {
  const instance = getCurrentInstance()
  const existing = instance && settingsOf.get(instance)
  if (existing) return existing
  const inherited = hasInjectionContext() ? inject(settingsKey, undefined) : undefined
  if (!props) return inherited ?? resolveSettings(() => ({}), undefined)
  const settings = resolveSettings(() => props, inherited)
  if (instance) {
    settingsOf.set(instance, settings)
    provide(settingsKey, settings)
  }
  return settings
}
