import { type Ref, nextTick, readonly, ref } from 'vue'
import { routeOf, titleOf } from './routes.ts'

const path = ref(location.pathname)

window.addEventListener('popstate', () => show(location.pathname))
document.title = titleOf(routeOf(path.value))

function show(to: string): void {
  path.value = to
  document.title = titleOf(routeOf(to))
}

/** Returns the current path. */
export function useLocation(): Readonly<Ref<string>> {
  return readonly(path)
}

/** Navigates to another shop page without a page load. Focuses the heading, so that screen readers announce it. */
export async function navigate(to: string): Promise<void> {
  if (to === location.pathname) return
  history.pushState(null, '', to)
  show(to)
  await nextTick()
  window.scrollTo(0, 0)
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
}
