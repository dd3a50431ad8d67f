import { describe, vi } from 'vitest'
import { installTimeoutMs } from '../../scripts/program.ts'
import { transportNames } from '../stream/transports/index.ts'
import { describeBehindNginx, nginxProgram, testReconnect } from './behind-nginx.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

const withoutUpgrades = transportNames.filter(name => name !== 'websocket')

describe.skipIf(nginxProgram === undefined)('nginx with the files of deploy/nginx', () => {
  describeBehindNginx('with a cache', { isCaching: true }, transportNames)
  describeBehindNginx('with compression', { compresses: true }, transportNames)
  describeBehindNginx('without upgrades', { forbidsUpgrades: true }, withoutUpgrades)
  testReconnect('sse')
  testReconnect('long-poll')
})
