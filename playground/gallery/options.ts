import type { WidgetDensity, WidgetSize } from '@tidemark/widgets'
import { reactive, watch } from 'vue'
import { states } from './states.ts'
import { widgetNames } from './widgets.ts'

/** Choices of the gallery; the first of each is the default. */
export const choices = {
  theme: ['auto', 'light', 'dark'],
  locale: ['en', 'de', 'fr', 'es', 'ja', 'ar'],
  size: ['md', 'sm', 'lg'] satisfies [WidgetSize, ...WidgetSize[]],
  density: ['comfortable', 'compact'] satisfies [WidgetDensity, ...WidgetDensity[]],
  animate: ['on', 'off'],
  widget: ['all', ...widgetNames],
  state: ['all', ...states],
} as const

export type ChoiceName = keyof typeof choices
export type GalleryOptions = { [Name in ChoiceName]: (typeof choices)[Name][number] }

export const choiceNames: readonly ChoiceName[] = [
  'widget',
  'state',
  'theme',
  'locale',
  'size',
  'density',
  'animate',
]

/** Returns the options of the page's address, such as `?theme=dark&locale=ar&widget=TopList`, and keeps them there. */
export function useOptions(): GalleryOptions {
  const query = new URLSearchParams(location.search)
  const read = <Choice extends string>(
    name: ChoiceName,
    [first, ...others]: readonly [Choice, ...Choice[]],
  ): Choice => others.find(choice => choice === query.get(name)) ?? first
  const options: GalleryOptions = reactive({
    theme: read('theme', choices.theme),
    locale: read('locale', choices.locale),
    size: read('size', choices.size),
    density: read('density', choices.density),
    animate: read('animate', choices.animate),
    widget: read('widget', choices.widget),
    state: read('state', choices.state),
  })
  watch(options, () => history.replaceState(null, '', toSearch(options)))
  return options
}

function toSearch(options: GalleryOptions): string {
  const chosen = new URLSearchParams(location.search)
  for (const name of choiceNames) {
    if (options[name] === choices[name][0]) chosen.delete(name)
    else chosen.set(name, options[name])
  }
  return `?${chosen}`
}
