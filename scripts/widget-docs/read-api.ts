import ts from 'typescript'
import type { createChecker } from 'vue-component-meta'
import type { ComponentApi, Member } from './api.ts'
import { bareMember, membersOf } from './members.ts'
import { oneLine, typeText } from './type-text.ts'

type MetaChecker = ReturnType<typeof createChecker>

/**
 * Reads components and interfaces from the sources of a package.
 *
 * `vue-component-meta` compiles the components and lists their slots and events. It loses descriptions of events, and
 * props that only some members of a union have. These come from the type arguments of `defineProps` and `defineEmits`.
 */
export class ApiReader {
  readonly #meta: MetaChecker
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  readonly #exports: ReadonlyMap<string, ts.Symbol>

  /** Reads the exports of these modules. Throws an `Error` if one of them is not in the program. */
  constructor(meta: MetaChecker, entries: readonly string[]) {
    const program = meta.getProgram()
    if (!program) throw new Error('TypeScript found no sources to document.')
    this.#meta = meta
    this.#program = program
    this.#checker = program.getTypeChecker()
    this.#exports = new Map(entries.flatMap(entry => this.#exportsOf(entry)))
  }

  /** Reads all exported components, in alphabetical order. */
  components(): ComponentApi[] {
    return [...this.#exports]
      .flatMap(([name, symbol]) => {
        const file = symbol.declarations?.[0]?.getSourceFile().fileName
        return symbol.name === 'default' && file?.endsWith('.vue')
          ? [this.#component(name, file)]
          : []
      })
      .toSorted((a, b) => a.name.localeCompare(b.name))
  }

  /** Reads the fields of an exported interface or type; `undefined` if there is no such export. */
  fields(name: string): Member[] | undefined {
    const symbol = this.#exports.get(name)
    return symbol && membersOf(this.#checker.getDeclaredTypeOfSymbol(symbol), this.#checker)
  }

  #exportsOf(entry: string): [name: string, symbol: ts.Symbol][] {
    const file = this.#program.getSourceFile(entry)
    const symbol = file && this.#checker.getSymbolAtLocation(file)
    if (!symbol) throw new Error(`${entry}: not a module of this program.`)
    return this.#checker
      .getExportsOfModule(symbol)
      .map(each => [
        each.name,
        each.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(each) : each,
      ])
  }

  #component(name: string, file: string): ComponentApi {
    const meta = this.#meta.getComponentMeta(file)
    const calls = this.#macroCalls(file)
    const models = calls.filter(call => macroName(call) === 'defineModel').map(this.#model)
    const defaults = new Map(meta.props.map(prop => [prop.name, literalOf(prop.default)]))
    const props = [...this.#argumentOf(calls, 'defineProps'), ...models]
    const emits = [...this.#argumentOf(calls, 'defineEmits'), ...models.map(updateEvent)]
    return {
      name,
      props: props.map(prop => ({ ...prop, default: prop.default ?? defaults.get(prop.name) })),
      slots: complete(this.#argumentOf(calls, 'defineSlots'), meta.slots),
      emits: complete(emits, meta.events),
    }
  }

  /** Finds the calls of `defineProps` and the other macros with a type argument. */
  #macroCalls(file: string): ts.CallExpression[] {
    const calls: ts.CallExpression[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.typeArguments) calls.push(node)
      ts.forEachChild(node, visit)
    }
    const source = this.#program.getSourceFile(file)
    if (source) visit(source)
    return calls
  }

  #argumentOf(calls: readonly ts.CallExpression[], macro: string): Member[] {
    const [node] = calls.find(call => macroName(call) === macro)?.typeArguments ?? []
    return node ? membersOf(this.#checker.getTypeFromTypeNode(node), this.#checker) : []
  }

  readonly #model = (call: ts.CallExpression): Member => {
    const [first] = call.arguments
    const [type] = call.typeArguments ?? []
    const statement = ts.findAncestor(call, ts.isVariableStatement)
    const docs = statement ? ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc) : []
    const tags = statement ? ts.getJSDocTags(statement) : []
    return {
      ...bareMember(first && ts.isStringLiteral(first) ? first.text : 'modelValue'),
      type: type ? typeText(type, this.#checker) : '',
      description: docs.map(doc => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' '),
      default: ts.getTextOfJSDocComment(
        tags.find(({ tagName }) => tagName.text === 'default')?.comment,
      ),
    }
  }
}

const macroName = ({ expression }: ts.CallExpression): string =>
  ts.isIdentifier(expression) ? expression.text : ''

/** Adds the names that only the template or a runtime declaration has, so that the check reports them. */
function complete(members: readonly Member[], found: readonly { name: string }[]): Member[] {
  const known = new Set(members.map(({ name }) => name))
  const names = new Set(found.map(({ name }) => name).filter(name => !known.has(name)))
  return [...members, ...[...names].map(bareMember)]
}

const updateEvent = ({ name, type }: Member): Member => ({
  ...bareMember(`update:${name}`),
  type: `value: ${type}`,
  description: `New value for \`v-model${name === 'modelValue' ? '' : `:${name}`}\`.`,
})

/** Returns a default only if it is a literal: the name of a constant tells a reader nothing. */
const literalOf = (code: string | undefined): string | undefined =>
  code !== undefined && /^(true|false|-?[\d_.]+|["'][^"']*["'])$/.test(code)
    ? oneLine(code).replaceAll('"', "'")
    : undefined
