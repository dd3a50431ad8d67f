import type { ComputedRef, InjectionKey } from 'vue'
import type { RealtimeConfig } from '../config.ts'
import type { Messages } from '../messages/messages.ts'
import type { Theme } from '../theme/theme.ts'

/** Size of a widget's text, and with it of everything in the widget. */
export type WidgetSize = 'sm' | 'md' | 'lg'

/** Amount of space between the rows of a widget, and around its content. */
export type WidgetDensity = 'compact' | 'comfortable'

/** Look and language of widgets. */
export interface Appearance {
  /** Language tag for texts, numbers, dates and names; `de_DE` works too. @default the language of `<html>` */
  locale?: string | undefined
  /** Size of the text. @default 'md' */
  size?: WidgetSize | undefined
  /** Amount of space. @default 'comfortable' */
  density?: WidgetDensity | undefined
  /** Animates changes, unless the reader prefers reduced motion. @default true */
  animate?: boolean | undefined
}

/** Settings of all widgets of an app or of a part of it. */
export interface TidemarkOptions extends Partial<RealtimeConfig>, Appearance {
  /** Texts in other languages than English, such as `de` of `@tidemark/widgets/locales/de`. @default none */
  messages?: Messages | readonly Messages[] | undefined
  /** Color theme. @default 'light' */
  theme?: Theme | undefined
}

/** Settings of one widget, after props, providers and defaults. */
export interface Settings {
  /** Site to show; `undefined` while no one has named one. */
  readonly config: ComputedRef<RealtimeConfig | undefined>
  /** Language tag of a prop or provider; `undefined` when the page's language applies. */
  readonly chosenLocale: ComputedRef<string | undefined>
  /** Canonical language tag. */
  readonly locale: ComputedRef<string>
  /** Texts for the locale; `undefined` for the built-in English. */
  readonly messages: ComputedRef<Messages | undefined>
  /** All provided texts, for descendants with another locale. */
  readonly allMessages: ComputedRef<readonly Messages[]>
  readonly theme: ComputedRef<Theme>
  readonly size: ComputedRef<WidgetSize>
  readonly density: ComputedRef<WidgetDensity>
  readonly animate: ComputedRef<boolean>
  /** Whether the widget keeps showing its current data. */
  readonly paused: ComputedRef<boolean>
}

export const settingsKey: InjectionKey<Settings> = Symbol('tidemark')
