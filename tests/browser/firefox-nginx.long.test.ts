import { describe } from 'vitest'
import { openFirefox } from './browsers.ts'
import { describePageLifecycle } from './page-lifecycle.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'

describe('Dashboard in Firefox', () => {
  describeBehindNginx(openFirefox)

  // Firefox does not cache a page that has an open connection when the user leaves it; it reloads the page.
  describe('page life cycle', () => void describePageLifecycle(openFirefox))
})
