import type { ComponentApi, Member } from './api.ts'

/** Page with the props, slots and events of all widgets, from the folder of the pages. */
const commonPage = 'common.md'

/** Renders the sections "Props", "Slots" and "Emits" of a component's page. */
export function componentSections({ props, slots, emits }: ComponentApi): string {
  const sections: readonly [title: string, table: Table, members: readonly Member[]][] = [
    ['Props', propTable, props],
    ['Slots', slotTable, slots],
    ['Emits', emitTable, emits],
  ]
  return sections
    .filter(([, , members]) => members.length > 0)
    .map(([title, table, members]) => `## ${title}\n\n${section(title, table, members)}`)
    .join('\n')
}

/** Renders the fields of an interface. */
export const fieldTable = (fields: readonly Member[]): string =>
  rows(['field', 'type', 'default', 'description'], fields, field => [
    code(field.name),
    code(field.type),
    defaultText(field),
    descriptionText(field),
  ])

/** Renders the fields of a composable's result; refs are shown as their values. */
export const returnTable = (fields: readonly Member[]): string =>
  rows(['field', 'type', 'description'], fields, field => [
    code(field.name),
    code(withoutRef(field.type)),
    descriptionText(field),
  ])

/** `Readonly<Ref<number>>` → `number`. */
const withoutRef = (type: string): string =>
  type
    .replace(/^Readonly<(.*Ref<.*>)>$/, '$1')
    .replace(/^(?:Shallow|Computed)?Ref<(.*)>$/, '$1')
    // TypeScript's own text has the types for reading and for writing.
    .replace(/^(.+), \1$/, '$1')
    .replaceAll('readonly ', '')

/** Renders common props or slots. */
export const commonTable = (kind: keyof typeof tables, members: readonly Member[]): string =>
  tables[kind](members)

type Table = (members: readonly Member[]) => string

const propTable: Table = props =>
  rows(['prop', 'type', 'default', 'description'], props, prop => [
    code(kebabCase(prop.name)),
    code(prop.type),
    defaultText(prop),
    descriptionText(prop),
  ])

const slotTable: Table = slots =>
  rows(['slot', 'slot props', 'description'], slots, slot => [
    code(slot.name),
    code(slot.type),
    descriptionText(slot),
  ])

const emitTable: Table = emits =>
  rows(['event', 'payload', 'description'], emits, event => [
    code(event.name),
    code(event.type),
    descriptionText(event),
  ])

const tables = { props: propTable, slots: slotTable, emits: emitTable } as const

/** A table of a component's own members, and the names of the common ones. */
function section(title: string, table: Table, members: readonly Member[]): string {
  const common = members.filter(({ isCommon }) => isCommon)
  const own = members.filter(({ isCommon }) => !isCommon)
  const names = common.map(({ name }) => code(title === 'Props' ? kebabCase(name) : name))
  const link = `${commonPage}#${title.toLowerCase()}`
  return [
    ...(own.length > 0 ? [table(own)] : []),
    ...(names.length > 0 ? [`[Of all widgets](${link}): ${names.join(', ')}.\n`] : []),
  ].join('\n')
}

/** Formats a Markdown table; prettier aligns it. */
function rows(
  head: readonly string[],
  members: readonly Member[],
  toCells: (member: Member) => readonly string[],
): string {
  const lines = [head, head.map(() => '---'), ...members.map(toCells)]
  return lines.map(cells => `| ${cells.map(escapePipes).join(' | ')} |\n`).join('')
}

const escapePipes = (cell: string): string => cell.replaceAll(/\\?\|/g, '\\|')

const code = (text: string): string => (text === '' ? '' : `\`${text}\``)

/** Returns the name of a prop in a template: `labelKey` → `label-key`. */
export const kebabCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** Values and names are code; other texts are Markdown. */
function defaultText({ default: text, isRequired }: Member): string {
  if (isRequired) return 'required'
  if (text === undefined) return ''
  return /^('[^']*'|[\w.-]*[\d.]\w*|true|false|null|undefined|[[{][^`]*[\]}])$/.test(text)
    ? code(text)
    : markdownText(text)
}

/** The description on one line. A single sentence has no full stop, as in a table by hand. */
function descriptionText({ description }: Member): string {
  const text = markdownText(description)
  return /[.!?] /.test(text) ? text : text.replace(/\.$/, '')
}

/** Joins lines, turns `{@link name}` into code, and escapes tags outside code. */
const markdownText = (text: string): string =>
  text
    .replaceAll(/\{@link\s+([^}\s]+)[^}]*\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
