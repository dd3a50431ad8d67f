import { describe } from 'vitest'
import { openFirefox } from './browsers.ts'
import { describePageLifecycle } from './page-lifecycle.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'

describe('the dashboard in Firefox', () => {
  describeBehindNginx(openFirefox)

  // It keeps no page that has a connection open at the moment when it is left: that one is loaded anew.
  describe('through the life of its page', () => void describePageLifecycle(openFirefox))
})
