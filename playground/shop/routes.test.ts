import { expect, it } from 'vitest'
import { categories, products, productsIn } from './catalog.ts'
import { isShopPath, paths, routeOf, titleOf } from './routes.ts'

it('routeOf: knows every linked page, each with its own title', () => {
  const all = [
    paths.home,
    paths.cart,
    paths.checkout,
    paths.thanks,
    ...categories.map(({ slug }) => paths.category(slug)),
    ...products.map(({ slug }) => paths.product(slug)),
  ]
  for (const path of all) expect(isShopPath(path)).toBe(true)
  expect(new Set(all.map(path => titleOf(routeOf(path)))).size).toBe(all.length)
})

it.each(['/p', '/p/', '/p/anchor', '/p/gansey/', '/c/gansey', '/x/paper', '/cart/', '/Cart'])(
  'routeOf: returns undefined for %s',
  path => {
    expect(routeOf(path)).toBeUndefined()
    expect(titleOf(routeOf(path))).toContain('Page not found')
  },
)

it('catalog: lists every product in one category, with a unique slug', () => {
  expect(categories.flatMap(({ slug }) => productsIn(slug))).toHaveLength(products.length)
  expect(new Set(products.map(({ slug }) => slug)).size).toBe(products.length)
})
