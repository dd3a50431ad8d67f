import { type Ref, nextTick, readonly, ref } from 'vue'
import { routeOf, titleOf } from './routes.ts'

const path = ref(location.pathname)

window.addEventListener('popstate', () => show(location.pathname))
document.title = titleOf(routeOf(path.value))

function show(to: string): void {
  path.value = to
  document.title = titleOf(routeOf(to))
}

/** Where the page is. */
export function useLocation(): Readonly<Ref<string>> {
  return readonly(path)
}

/** Moves to another page of the shop without loading it; whoever listens to a page hears where it is now. */
export async function navigate(to: string): Promise<void> {
  if (to === location.pathname) return
  history.pushState(null, '', to)
  show(to)
  await nextTick()
  window.scrollTo(0, 0)
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
}
