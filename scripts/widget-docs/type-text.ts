import ts from 'typescript'

/** Longest union of literals that is written out instead of its name, in literals. */
const maxLiterals = 12

/** Returns a type as its author wrote it, on one line, without `undefined`, `readonly` and names of short unions. */
export function typeText(node: ts.TypeNode, checker: ts.TypeChecker): string {
  if (ts.isUnionTypeNode(node)) {
    return node.types
      .filter(part => part.kind !== ts.SyntaxKind.UndefinedKeyword)
      .map(part => (ts.isFunctionTypeNode(part) ? `(${part.getText()})` : typeText(part, checker)))
      .join(' | ')
  }
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) {
    return typeText(node.type, checker)
  }
  if (ts.isParenthesizedTypeNode(node)) {
    const inner = typeText(node.type, checker)
    return ts.isUnionTypeNode(node.parent) ? inner : `(${inner})`
  }
  // `Source['error']` tells a reader less than the type that it names.
  if (ts.isIndexedAccessTypeNode(node)) {
    return inferredTypeText(checker.getTypeFromTypeNode(node), checker)
  }
  if (ts.isTypeReferenceNode(node) && !node.typeArguments) {
    const type = checker.getTypeFromTypeNode(node)
    return literalsText(type, aliasText(node, checker)) ?? oneLine(node.getText())
  }
  return oneLine(node.getText())
}

/** Returns the text of a type that has no node in the source. */
export function inferredTypeText(type: ts.Type, checker: ts.TypeChecker): string {
  const text = checker.typeToString(
    checker.getNonNullableType(type),
    undefined,
    ts.TypeFormatFlags.NoTruncation,
  )
  return literalsText(type) ?? oneLine(text).replaceAll('"', "'")
}

/** Returns the text of the type that a name stands for; empty if it is none of a `type` declaration. */
function aliasText(node: ts.TypeReferenceNode, checker: ts.TypeChecker): string {
  const symbol = checker.getSymbolAtLocation(node.typeName)
  const isImported = symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0
  const target = isImported ? checker.getAliasedSymbol(symbol) : symbol
  return target?.declarations?.find(ts.isTypeAliasDeclaration)?.type.getText() ?? ''
}

/**
 * Writes out a union of few literals: `'sm' | 'md' | 'lg'`. TypeScript's own order depends on unrelated code, so they
 * are in the order of their declaration, else in alphabetical or numeric order.
 */
function literalsText(type: ts.Type, declaration = ''): string | undefined {
  if (!type.isUnion() || type.types.length > maxLiterals) return undefined
  const literals = type.types.filter(part => (part.flags & ts.TypeFlags.Undefined) === 0)
  if (!literals.every(part => part.isStringLiteral() || part.isNumberLiteral())) return undefined
  const places = literals.map(({ value }) => {
    const text = typeof value === 'string' ? `'${value}'` : String(value)
    const place = declaration.indexOf(text)
    return { text, place: place < 0 ? declaration.length : place }
  })
  return places
    .toSorted((a, b) => a.place - b.place || a.text.localeCompare(b.text, 'en', { numeric: true }))
    .map(({ text }) => text)
    .join(' | ')
}

/** Joins the lines of a text. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
