import { type Category, type Product, categories, findProduct, shopName } from './catalog.ts'

/** A page of the shop. Browsers, simulated shoppers and the server share these routes. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'category'; readonly category: Category }
  | { readonly page: 'product'; readonly product: Product }
  | { readonly page: 'cart' }
  | { readonly page: 'checkout' }
  | { readonly page: 'thanks' }

export const paths = {
  home: '/',
  category: (slug: string): string => `/c/${slug}`,
  product: (slug: string): string => `/p/${slug}`,
  cart: '/cart',
  checkout: '/checkout',
  thanks: '/checkout/thanks',
} as const

/** Returns the route of a path; `undefined` for an unknown path. */
export function routeOf(path: string): Route | undefined {
  if (path === paths.home) return { page: 'home' }
  if (path === paths.cart) return { page: 'cart' }
  if (path === paths.checkout) return { page: 'checkout' }
  if (path === paths.thanks) return { page: 'thanks' }
  const [, section, slug = '', extra] = path.split('/')
  if (extra !== undefined) return undefined
  const category = section === 'c' && categories.find(each => each.slug === slug)
  if (category) return { page: 'category', category }
  const product = section === 'p' && findProduct(slug)
  return product ? { page: 'product', product } : undefined
}

export function isShopPath(path: string): boolean {
  return routeOf(path) !== undefined
}

/** Returns the document title of a page. */
export function titleOf(route: Route | undefined): string {
  switch (route?.page) {
    case 'home':
      return `${shopName} · Nautical instruments`
    case 'category':
      return `${route.category.name} · ${shopName}`
    case 'product':
      return `${route.product.name} · ${shopName}`
    case 'cart':
      return `Cart · ${shopName}`
    case 'checkout':
      return `Checkout · ${shopName}`
    case 'thanks':
      return `Order complete · ${shopName}`
    case undefined:
      return `Page not found · ${shopName}`
  }
}
