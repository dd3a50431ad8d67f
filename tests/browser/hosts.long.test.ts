import { describeApp, describeHydration } from './hosts.ts'

describeApp('production')
describeHydration(['fr', 'es', 'ja', 'ar'])
