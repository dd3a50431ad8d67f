import { describeApp, describeHydration } from './hosts.ts'

describeApp('production')
describeHydration(['en', 'fr', 'es', 'ja', 'ar'])
