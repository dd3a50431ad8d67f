import { describeApp, describeHydration } from './hosts.ts'

describeApp('development')
describeHydration(['de'])
