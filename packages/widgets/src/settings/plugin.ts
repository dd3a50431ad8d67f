import {
  type MaybeRefOrGetter,
  type Plugin,
  effectScope,
  hasInjectionContext,
  inject,
  provide,
  toValue,
  watch,
} from 'vue'
import { toTarget } from '../config.ts'
import { checkTheme, installTheme } from '../theme/theme.ts'
import { resolveSettings } from './resolve-settings.ts'
import { type Settings, type TidemarkOptions, settingsKey } from './settings.ts'

/**
 * Vue plugin with the settings of all widgets of an app:
 *
 * ```ts
 * app.use(TidemarkPlugin, { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })
 * ```
 *
 * The options may be a ref or a getter; changes apply at once. Props of a widget override them.
 * @throws {TypeError} for an invalid option
 */
export const TidemarkPlugin: Plugin<[options?: MaybeRefOrGetter<TidemarkOptions>]> = {
  install(app, options = {}) {
    const scope = effectScope(true)
    app.onUnmount(() => scope.stop())
    scope.run(() => app.provide(settingsKey, toSettings(options, undefined)))
  },
}

/**
 * Provides settings to the descendants of the current component, in place of those of the plugin. Missing
 * options are inherited.
 * @throws {TypeError} for an invalid option
 */
export function provideTidemark(options: MaybeRefOrGetter<TidemarkOptions>): void {
  const parent = hasInjectionContext() ? inject(settingsKey, undefined) : undefined
  provide(settingsKey, toSettings(options, parent))
}

function toSettings(
  options: MaybeRefOrGetter<TidemarkOptions>,
  parent: Settings | undefined,
): Settings {
  const settings = resolveSettings(() => toValue(options), parent)
  // Invalid options throw here, where the app's developer sees the reason, and not in some widget.
  checkTheme(settings.theme.value)
  if (settings.config.value) toTarget(settings.config.value)
  if (typeof document !== 'undefined') watch(settings.theme, installTheme, { immediate: true })
  return settings
}
