import { describe } from 'vitest'
import { openFirefox } from './browsers.ts'
import { describePageLifecycle } from './page-lifecycle.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'

describe('Dashboard in Firefox', () => {
  describeBehindNginx(openFirefox, true)

  // Firefox keeps no page with an open connection in its back/forward cache. It reloads the page instead.
  describe('page life cycle', () => void describePageLifecycle(openFirefox, true))
})
