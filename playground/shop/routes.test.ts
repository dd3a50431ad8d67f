import { expect, it } from 'vitest'
import { categories, products, productsIn } from './catalog.ts'
import { isShopPath, paths, routeOf, titleOf } from './routes.ts'

it('finds every page that is linked to, under a title of its own', () => {
  const all = [
    paths.home,
    paths.basket,
    paths.checkout,
    paths.thanks,
    ...categories.map(({ slug }) => paths.category(slug)),
    ...products.map(({ slug }) => paths.product(slug)),
  ]
  for (const path of all) expect(isShopPath(path)).toBe(true)
  expect(new Set(all.map(path => titleOf(routeOf(path)))).size).toBe(all.length)
})

it.each(['/p', '/p/', '/p/anchor', '/p/gansey/', '/c/gansey', '/x/paper', '/basket/', '/Basket'])(
  'finds nothing at %s',
  path => {
    expect(routeOf(path)).toBeUndefined()
    expect(titleOf(routeOf(path))).toContain('Not found')
  },
)

it('has every product on one shelf, under one address', () => {
  expect(categories.flatMap(({ slug }) => productsIn(slug))).toHaveLength(products.length)
  expect(new Set(products.map(({ slug }) => slug)).size).toBe(products.length)
})
