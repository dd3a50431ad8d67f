import { missingProgramReason, requireProgram } from '../../scripts/program.ts'
import { type TestServer, startTestServer } from '../stream/test-server.ts'
import { startCaddy } from './caddy.ts'

export const caddyProgram: string | undefined = await requireProgram('caddy')

/** Starts a server behind Caddy. */
export function startBehindCaddy(): Promise<TestServer> {
  const program = caddyProgram
  if (program === undefined) throw new Error(missingProgramReason('caddy'))
  return startTestServer('memory', { proxy: { trusted: ['127.0.0.1'] } }, port =>
    startCaddy(program, port),
  )
}
