import { type Ref, computed, getCurrentInstance, onMounted, readonly, shallowRef } from 'vue'
import { defaultLocale, toLanguageTag } from '../text/locale.ts'

let pageLanguage: Readonly<Ref<string>> | undefined

/**
 * Returns the language of `<html lang>`, and follows its changes. The server does not know it and renders
 * English; a component that hydrates the server's HTML therefore starts in English and changes when mounted.
 */
export function usePageLanguage(): Readonly<Ref<string>> {
  if (typeof document === 'undefined') return shallowRef(defaultLocale)
  const language = (pageLanguage ??= watchPageLanguage(document.documentElement))
  // Vue sets the element of a component before its setup only when it hydrates.
  if (!getCurrentInstance()?.vnode.el) return language
  const isMounted = shallowRef(false)
  onMounted(() => (isMounted.value = true))
  return computed(() => (isMounted.value ? language.value : defaultLocale))
}

/** One observer for the whole page, as long as it lives. */
function watchPageLanguage(root: HTMLElement): Readonly<Ref<string>> {
  const read = (): string => toLanguageTag(root.lang) ?? defaultLocale
  const language = shallowRef(read())
  new MutationObserver(() => (language.value = read())).observe(root, {
    attributeFilter: ['lang'],
  })
  return readonly(language)
}
