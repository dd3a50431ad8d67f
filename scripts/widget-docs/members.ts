import ts from 'typescript'
import type { Member } from './api.ts'
import { inferredTypeText, oneLine, typeText } from './type-text.ts'

/** Interfaces of the props and slots that all widgets share; `WidgetProps` includes `Appearance`. */
export const commonInterfaces = { props: 'WidgetProps', slots: 'CardSlots' } as const

const commonNames: readonly string[] = [...Object.values(commonInterfaces), 'Appearance']

/** Creates a member without a type or description. */
export const bareMember = (name: string): Member => ({
  name,
  type: '',
  description: '',
  default: undefined,
  isRequired: false,
  isCommon: false,
})

/** Reads the members of a type; for a union, those of all its parts. */
export function membersOf(type: ts.Type, checker: ts.TypeChecker): Member[] {
  const symbols = new Map<string, ts.Symbol[]>()
  const parts = type.isUnion() ? type.types : [type]
  for (const symbol of parts.flatMap(part => part.getProperties())) {
    symbols.set(symbol.name, [...(symbols.get(symbol.name) ?? []), symbol])
  }
  return [...symbols].map(([name, found]) => {
    const member = toMember(name, found, checker)
    const isRequired =
      found.length === parts.length &&
      found.every(symbol => (symbol.flags & ts.SymbolFlags.Optional) === 0)
    // The column "default" shows that an optional field may be missing; a required one needs it in its type.
    const isUndefined = isRequired && member.type && found.some(each => hasUndefined(each, checker))
    return { ...member, type: isUndefined ? `${member.type} | undefined` : member.type, isRequired }
  })
}

function hasUndefined(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const [declaration] = symbol.declarations ?? []
  if (!declaration || !ts.isPropertySignature(declaration)) return false
  const type = checker.getTypeOfSymbol(symbol)
  return type.isUnion() && type.types.some(({ flags }) => (flags & ts.TypeFlags.Undefined) !== 0)
}

function toMember(name: string, symbols: readonly ts.Symbol[], checker: ts.TypeChecker): Member {
  const types = symbols.map(symbol => memberType(symbol, checker)).filter(Boolean)
  const descriptions = symbols.map(symbol => symbol.getDocumentationComment(checker))
  const tag = symbols
    .flatMap(symbol => symbol.getJsDocTags(checker))
    .find(each => each.name === 'default')
  return {
    ...bareMember(name),
    type: [...new Set(types.flatMap(type => literalsOf(type) ?? type))].join(' | '),
    description: descriptions.map(parts => ts.displayPartsToString(parts)).find(Boolean) ?? '',
    default: tag?.text && oneLine(ts.displayPartsToString(tag.text)),
    isCommon: symbols.every(isCommon),
  }
}

/** Splits a union of text literals, so that those of several types are listed once. */
const literalsOf = (type: string): string[] | undefined =>
  /^'[\w-]+'( \| '[\w-]+')*$/.test(type) ? type.split(' | ') : undefined

/** Returns the type of a property or method, the slot props of a slot, or the payload of an event. */
function memberType(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const [declaration] = symbol.declarations ?? []
  if (declaration && ts.isMethodSignature(declaration)) {
    const [parameter] = declaration.parameters
    const isSlot = declaration.type?.kind === ts.SyntaxKind.UnknownKeyword
    if (!isSlot) return oneLine(checker.typeToString(checker.getTypeOfSymbol(symbol)))
    return parameter?.type ? fieldsText(parameter.type, checker) : ''
  }
  if (!declaration || !ts.isPropertySignature(declaration) || !declaration.type) {
    return inferredTypeText(checker.getTypeOfSymbol(symbol), checker)
  }
  const { type } = declaration
  if (type.kind === ts.SyntaxKind.UndefinedKeyword) return ''
  return ts.isTupleTypeNode(type)
    ? type.elements.map(element => oneLine(element.getText())).join(', ')
    : typeText(type, checker)
}

/** Lists the fields of a type, such as `row: RankedRow, index: number`. */
function fieldsText(node: ts.TypeNode, checker: ts.TypeChecker): string {
  return checker
    .getTypeFromTypeNode(node)
    .getProperties()
    .map(symbol => {
      const [declaration] = symbol.declarations ?? []
      const written = declaration && ts.isPropertySignature(declaration) && declaration.type
      const mark = symbol.flags & ts.SymbolFlags.Optional ? '?' : ''
      const type =
        written && !ts.isIndexedAccessTypeNode(written)
          ? oneLine(written.getText())
          : inferredTypeText(checker.getTypeOfSymbol(symbol), checker)
      return `${symbol.name}${mark}: ${type}`
    })
    .join(', ')
}

/** Whether a symbol is declared in an interface that all widgets share. */
const isCommon = ({ declarations = [] }: ts.Symbol): boolean =>
  declarations.some(
    ({ parent }) => ts.isInterfaceDeclaration(parent) && commonNames.includes(parent.name.text),
  )
