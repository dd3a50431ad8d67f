import { createTracker } from '@tidemark/sdk'
import { engagement, interactions, urlRules } from '@tidemark/sdk/capture'
import { errors } from '@tidemark/sdk/errors'
import { webVitals } from '@tidemark/sdk/web-vitals'
import { readSettings } from './settings.ts'

interface ShopEvents {
  signup: { plan: string }
}

const tracker = createTracker<ShopEvents>({
  ...readSettings(),
  beforeSend: event => event.name !== 'secret' && { ...event, title: 'Shop' },
})
for (const capture of [interactions(), urlRules({ query: [], mask: ['/users/*'] }), errors()])
  tracker.use(capture)
tracker.use(engagement())
tracker.use(webVitals())
tracker.setProperties({ theme: 'dark' })
tracker.identify('user-1')
tracker.track('signup', { plan: 'pro' }, { value: 49 })
