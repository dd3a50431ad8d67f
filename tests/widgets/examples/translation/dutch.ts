import type { Messages } from '@tidemark/widgets'

/** Texts that are missing here are in English. */
export const nl: Messages = {
  locale: 'nl',
  counter: {
    title: 'Bezoekers nu',
    visitors: { one: '{count} bezoeker', other: '{count} bezoekers' },
  },
  status: { live: 'Live', offline: 'Offline' },
}
