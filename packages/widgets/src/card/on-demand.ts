import { type Component, defineAsyncComponent } from 'vue'

const firstRetryMs = 1000
const maxRetryMs = 60_000

/**
 * Returns a component that is loaded when it is first shown. When a file cannot be loaded, as without a network, nothing
 * is shown in its place and it is requested again; the host's page gets no error.
 */
export function onDemand<Loaded extends Component>(
  load: () => Promise<{ default: Loaded }>,
): Loaded {
  return defineAsyncComponent<Loaded>({
    loader: async () => (await load()).default,
    onError(_error, retry, _fail, attempts) {
      setTimeout(retry, Math.min(firstRetryMs * 2 ** (attempts - 1), maxRetryMs))
    },
  })
}
