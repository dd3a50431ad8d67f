import { computed } from 'vue'
import type { RealtimeConfig } from '../config.ts'
import { findMessages } from '../messages/messages.ts'
import { toLanguageTag } from '../text/locale.ts'
import { usePageLanguage } from './page-language.ts'
import type { Appearance, Settings, TidemarkOptions } from './settings.ts'

/** Settings that a component's props may override. */
export interface SettingsProps extends Appearance {
  readonly config?: RealtimeConfig | undefined
  readonly paused?: boolean | undefined
}

/** Options of a provider, or props of a component. */
type Overrides = TidemarkOptions & SettingsProps

/**
 * Resolves each setting: the override, else the inherited setting, else the default.
 * @param overrides called in computed refs, so that reactive options apply at once
 */
export function resolveSettings(
  overrides: () => Overrides,
  parent: Settings | undefined,
): Settings {
  const pageLanguage = usePageLanguage()

  const chosenLocale = computed(
    () => toLanguageTag(overrides().locale ?? '') ?? parent?.chosenLocale.value,
  )
  const locale = computed(() => chosenLocale.value ?? pageLanguage.value)
  const allMessages = computed(() => [
    ...[overrides().messages ?? []].flat(),
    ...(parent?.allMessages.value ?? []),
  ])
  return {
    config: computed(() => overrides().config ?? toConfig(overrides()) ?? parent?.config.value),
    chosenLocale,
    locale,
    allMessages,
    messages: computed(() => findMessages(allMessages.value, locale.value)),
    theme: computed(() => overrides().theme ?? parent?.theme.value ?? 'light'),
    size: computed(() => overrides().size ?? parent?.size.value ?? 'md'),
    density: computed(() => overrides().density ?? parent?.density.value ?? 'comfortable'),
    animate: computed(() => overrides().animate ?? parent?.animate.value ?? true),
    paused: computed(() => overrides().paused === true || parent?.paused.value === true),
  }
}

/** Returns the site of a provider; `undefined` if its options name none. */
function toConfig(options: TidemarkOptions): RealtimeConfig | undefined {
  const { baseUrl, siteId, token, minutes, pollIntervalMs, transports } = options
  if (baseUrl === undefined || siteId === undefined) return undefined
  return {
    baseUrl,
    siteId,
    ...(token !== undefined && { token }),
    ...(minutes !== undefined && { minutes }),
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
    ...(transports !== undefined && { transports }),
  }
}
