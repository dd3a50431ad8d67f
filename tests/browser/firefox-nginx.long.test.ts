import { describe } from 'vitest'
import { openFirefox } from './browsers.ts'
import { describePageLife } from './page-lifecycle.ts'
import { describeThroughNginx } from './dashboard-behind-nginx.ts'

describe('the dashboard in Firefox', () => {
  describeThroughNginx(openFirefox)

  // It keeps no page that has a connection open at the moment when it is left: that one is loaded anew.
  describe('through the life of its page', () => void describePageLife(openFirefox))
})
