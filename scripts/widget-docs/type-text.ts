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
    return literalsText(checker.getTypeFromTypeNode(node)) ?? oneLine(node.getText())
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

/** Writes out a union of few literals: `'sm' | 'md' | 'lg'`. */
function literalsText(type: ts.Type): string | undefined {
  if (!type.isUnion() || type.types.length > maxLiterals) return undefined
  const literals = type.types.filter(part => (part.flags & ts.TypeFlags.Undefined) === 0)
  if (!literals.every(part => part.isStringLiteral() || part.isNumberLiteral())) return undefined
  return literals
    .map(({ value }) => (typeof value === 'string' ? `'${value}'` : String(value)))
    .join(' | ')
}

/** Joins the lines of a text. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
