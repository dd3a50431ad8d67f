import { beforeEach, describe, expect, it } from 'vitest'
import { type Controlled, createControls } from './controls.ts'
import type { PlaygroundState, Switches } from './switches.ts'

const state: PlaygroundState = {
  websocket: 'open',
  streams: 'open',
  network: 'up',
  simulation: 'off',
  server: 'up',
  shoppers: 3,
}
let turned: Partial<Switches>[] = []
let restarts: (number | undefined)[] = []

const playground: Controlled = {
  state,
  setSwitches: switches => void turned.push(switches),
  async restart(downMs) {
    restarts.push(downMs)
  },
}
const app = createControls(playground)

beforeEach(() => {
  turned = []
  restarts = []
})

function post(path: string, body: string, type = 'application/json'): Response | Promise<Response> {
  return app.request(`/playground/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  })
}

describe('/playground/switches', () => {
  it('says how all switches stand', async () => {
    const response = await app.request('/playground/switches')
    expect(await response.json()).toEqual(state)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('turns the switches that are named, and no others', async () => {
    const response = await post('switches', '{"network":"cut","websocket":"blocked"}')
    expect(response.status).toBe(200)
    expect(turned).toEqual([{ network: 'cut', websocket: 'blocked' }])
  })

  it.each([
    ['{"network":"down"}', 'network takes up or cut.'],
    ['{"networks":"up"}', 'There is no switch "networks".'],
    ['{"__proto__":"up"}', 'There is no switch "__proto__".'],
    ['{"simulation":true}', 'simulation takes on or off.'],
    ['[]', 'The body has to be an object, such as {"network":"cut"}.'],
    ['{', 'The body has to be an object, such as {"network":"cut"}.'],
  ])('answers 400 to %s and says why', async (body, error) => {
    const response = await post('switches', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error })
    expect(turned).toEqual([])
  })

  it('turns nothing for a type that a page of another site could send without asking', async () => {
    const response = await post('switches', '{"network":"cut"}', 'text/plain')
    expect(response.status).toBe(415)
    expect(turned).toEqual([])
  })
})

describe('/playground/restart', () => {
  it('restarts, and does not wait for it', async () => {
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

it('answers 404 to everything else below it', async () => {
  expect((await app.request('/playground/else')).status).toBe(404)
})
