import { type Category, type Product, categories, findProduct, shopName } from './catalog.ts'

/** The pages of the shop, from its addresses. Browsers, simulated shoppers and the server read them here. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'category'; readonly category: Category }
  | { readonly page: 'product'; readonly product: Product }
  | { readonly page: 'basket' }
  | { readonly page: 'checkout' }
  | { readonly page: 'thanks' }

export const paths = {
  home: '/',
  category: (slug: string): string => `/c/${slug}`,
  product: (slug: string): string => `/p/${slug}`,
  basket: '/basket',
  checkout: '/checkout',
  thanks: '/checkout/thanks',
} as const

/** The page at a path, or `undefined` where there is none. */
export function routeOf(path: string): Route | undefined {
  if (path === paths.home) return { page: 'home' }
  if (path === paths.basket) return { page: 'basket' }
  if (path === paths.checkout) return { page: 'checkout' }
  if (path === paths.thanks) return { page: 'thanks' }
  const [, kind, slug = '', more] = path.split('/')
  if (more !== undefined) return undefined
  const category = kind === 'c' && categories.find(each => each.slug === slug)
  if (category) return { page: 'category', category }
  const product = kind === 'p' && findProduct(slug)
  return product ? { page: 'product', product } : undefined
}

export function isShopPath(path: string): boolean {
  return routeOf(path) !== undefined
}

/** What a browser tab says of a page. */
export function titleOf(route: Route | undefined): string {
  switch (route?.page) {
    case 'home':
      return `${shopName}, instruments for a life by the sea`
    case 'category':
      return `${route.category.name} · ${shopName}`
    case 'product':
      return `${route.product.name} · ${shopName}`
    case 'basket':
      return `Basket · ${shopName}`
    case 'checkout':
      return `Checkout · ${shopName}`
    case 'thanks':
      return `Thank you · ${shopName}`
    case undefined:
      return `Not found · ${shopName}`
  }
}
