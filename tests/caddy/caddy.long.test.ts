import { describe, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { describeConformance } from '../stream/conformance.ts'
import { transportNames } from '../stream/transports/index.ts'
import { caddyProgram, startBehindCaddy } from './behind-caddy.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

describe.skipIf(caddyProgram === undefined)('Caddy with deploy/Caddyfile', () => {
  describeConformance('a server behind Caddy', {
    open: startBehindCaddy,
    transports: transportNames,
    isCached: false,
  })
})
