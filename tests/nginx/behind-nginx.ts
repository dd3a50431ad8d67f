import { expect, it, onTestFinished, vi } from 'vitest'
import { type StreamingTransport, createLiveClient } from '@tidemark/sdk/live'
import { missingProgramReason, requireProgram } from '../../scripts/program.ts'
import { describeConformance } from '../stream/conformance.ts'
import { type TestServer, startTestServer } from '../stream/test-server.ts'
import type { TransportName } from '../stream/transports/index.ts'
import { type Nginx, type NginxSetup, startNginx } from './nginx.ts'

export const nginxProgram: string | undefined = await requireProgram('nginx')

/** Starts a server behind nginx. */
export async function startBehindNginx(
  setup: NginxSetup = {},
): Promise<TestServer & { nginx: Nginx }> {
  const program = nginxProgram
  if (program === undefined) throw new Error(missingProgramReason('nginx'))
  let nginx: Nginx | undefined
  const server = await startTestServer(
    'memory',
    { proxy: { trusted: ['127.0.0.1'] } },
    async port => {
      nginx = await startNginx(program, port, setup)
      return nginx
    },
  )
  if (!nginx) throw new Error('startTestServer did not start the proxy.')
  return { ...server, nginx }
}

/** Tests all transports behind nginx. */
export function describeBehindNginx(
  configuration: string,
  setup: NginxSetup,
  transports: readonly TransportName[],
): void {
  describeConformance(`a server behind nginx (${configuration})`, {
    open: () => startBehindNginx(setup),
    transports,
    isCached: setup.isCaching ?? false,
  })
}

/** Tests that a live client returns to its transport after an outage of nginx. */
export function testReconnect(name: StreamingTransport): void {
  it(
    `live client over ${name}: reconnects after nginx was stopped`,
    { timeout: 60_000 },
    async () => {
      const server = await startBehindNginx()
      onTestFinished(server.close)
      const client = createLiveClient({
        baseUrl: `${server.nginx.url}/api`,
        siteId: 'shop',
        pollIntervalMs: 500,
        transports: [name],
      })
      onTestFinished(client.subscribe(['currentVisitors'], () => {}))
      const isLive = async (): Promise<void> => {
        await vi.waitFor(
          () => {
            // The server sends the first ping after one second of its clock.
            server.clock.advance(1000)
            expect(client.view.status).toMatchObject({ phase: 'live', transport: name })
          },
          { timeout: 45_000, interval: 100 },
        )
      }
      await isLive()
      await server.nginx.stop()
      await vi.waitFor(() => expect(client.view.status.error?.code).toBe('network'), {
        timeout: 10_000,
        interval: 20,
      })
      expect(client.view.state.currentVisitors).toBe(0)

      await server.publish()
      await server.nginx.start()
      await vi.waitFor(() => expect(client.view.state.currentVisitors).toBe(1), {
        timeout: 30_000,
      })
      await isLive()
    },
  )
}
