import { beforeEach, describe, expect, it } from 'vitest'
import { type ControllablePlayground, createControls } from './controls.ts'
import type { PlaygroundState, Switches } from './switches.ts'

const state: PlaygroundState = {
  websocket: 'open',
  streams: 'open',
  network: 'up',
  simulation: 'off',
  server: 'up',
  shoppers: 3,
}
let switched: Partial<Switches>[] = []
let restarts: (number | undefined)[] = []

const playground: ControllablePlayground = {
  state,
  setSwitches: switches => void switched.push(switches),
  async restart(downMs) {
    restarts.push(downMs)
  },
}
const app = createControls(playground)

beforeEach(() => {
  switched = []
  restarts = []
})

function post(path: string, body: string, type = 'application/json'): Response | Promise<Response> {
  return app.request(`/playground/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  })
}

describe('createControls: /playground/switches', () => {
  it('returns the state of all switches', async () => {
    const response = await app.request('/playground/switches')
    expect(await response.json()).toEqual(state)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('sets only the named switches', async () => {
    const response = await post('switches', '{"network":"cut","websocket":"blocked"}')
    expect(response.status).toBe(200)
    expect(switched).toEqual([{ network: 'cut', websocket: 'blocked' }])
  })

  it.each([
    ['{"network":"down"}', 'network must be "up" or "cut", not "down".'],
    [
      '{"networks":"up"}',
      '"networks" is not a switch; use one of: websocket, streams, network, simulation.',
    ],
    [
      '{"__proto__":"up"}',
      '"__proto__" is not a switch; use one of: websocket, streams, network, simulation.',
    ],
    ['{"simulation":true}', 'simulation must be "on" or "off", not true.'],
    ['[]', 'The body must be a JSON object, such as {"network":"cut"}.'],
    ['{', 'The body must be a JSON object, such as {"network":"cut"}.'],
  ])('answers 400 with the reason to %s', async (body, error) => {
    const response = await post('switches', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error })
    expect(switched).toEqual([])
  })

  it('answers 415 to a content type that needs no CORS preflight', async () => {
    const response = await post('switches', '{"network":"cut"}', 'text/plain')
    expect(response.status).toBe(415)
    expect(switched).toEqual([])
  })
})

describe('createControls: /playground/restart', () => {
  it('starts a restart and answers immediately', async () => {
    expect((await post('restart', '{}')).status).toBe(202)
    expect((await post('restart', '{"downMs":0}')).status).toBe(202)
    expect(restarts).toEqual([undefined, 0])
  })

  it.each(['{"downMs":-1}', '{"downMs":60001}', '{"downMs":"1"}', ''])(
    'answers 400 to %s',
    async body => {
      expect((await post('restart', body)).status).toBe(400)
      expect(restarts).toEqual([])
    },
  )
})

it('createControls: answers 404 to other paths under /playground', async () => {
  expect((await app.request('/playground/else')).status).toBe(404)
})
