import { isIP } from 'node:net'

/** The record of a network: text, numbers, and maps and lists of them. */
export type MmdbValue =
  string | number | boolean | readonly MmdbValue[] | { readonly [key: string]: MmdbValue }

export interface MmdbOptions {
  /** @default 6 */
  ipVersion?: 4 | 6
  /** Size of a record of the tree, in bits. @default 24 */
  recordSize?: 24 | 28 | 32
  /** @default 'Test-Country' */
  type?: string
}

/** A branch of the tree: the index of the next node, or the value of a network. */
type Branch = number | { readonly value: MmdbValue } | undefined
type Node = [Branch, Branch]

/**
 * Writes a file in MaxMind's format, version 2.0 (maxmind.github.io/MaxMind-DB): a binary tree of address bits, the
 * data, and the metadata. Networks must not overlap.
 */
export function writeMmdb(
  networks: readonly (readonly [network: string, value: MmdbValue])[],
  { ipVersion = 6, recordSize = 24, type = 'Test-Country' }: MmdbOptions = {},
): Buffer {
  const nodes: Node[] = [[undefined, undefined]]
  for (const [network, value] of networks) {
    insert(nodes, toBits(network, ipVersion), { value })
  }
  const { data, offsetOf } = writeData(networks.map(([, value]) => value))
  const toRecord = (branch: Branch): number => {
    if (branch === undefined) return nodes.length
    return typeof branch === 'number' ? branch : nodes.length + 16 + offsetOf(branch.value)
  }
  const tree = nodes.map(([left, right]) => toNode(toRecord(left), toRecord(right), recordSize))
  const metadata = map([
    ['binary_format_major_version', uint(5, 2)],
    ['binary_format_minor_version', uint(5, 0)],
    ['build_epoch', uint(9, 1_767_225_600)],
    ['database_type', encode(type)],
    ['description', encode({ en: 'Made for a test' })],
    ['ip_version', uint(5, ipVersion)],
    ['languages', Buffer.concat([control(11, 1), encode('en')])],
    ['node_count', uint(6, nodes.length)],
    ['record_size', uint(5, recordSize)],
  ])
  return Buffer.concat([
    ...tree,
    Buffer.alloc(16),
    data,
    Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1'),
    metadata,
  ])
}

function insert(nodes: Node[], bits: readonly (0 | 1)[], leaf: Branch): void {
  let node = nodes[0]
  for (const [depth, bit] of bits.entries()) {
    if (!node) throw new RangeError('The node does not exist.')
    const below = node[bit]
    if (typeof below === 'object' || (depth === bits.length - 1 && below !== undefined)) {
      throw new RangeError('Networks overlap.')
    }
    if (depth === bits.length - 1) {
      node[bit] = leaf
    } else {
      const next = below ?? nodes.push([undefined, undefined]) - 1
      node[bit] = next
      node = nodes[next]
    }
  }
}

/** Returns the bits of `192.0.2.0/24` or `2001:db8::/32`. A tree of IPv6 has IPv4 below 96 zeros. */
function toBits(network: string, ipVersion: 4 | 6): (0 | 1)[] {
  const [address = '', length = ''] = network.split('/')
  const isV4 = isIP(address) === 4
  const bits = isV4
    ? address.split('.').map(part => Number(part).toString(2).padStart(8, '0'))
    : toGroups(address).map(group => group.toString(2).padStart(16, '0'))
  const prefix = isV4 && ipVersion === 6 ? '0'.repeat(96) : ''
  const text = prefix + bits.join('').slice(0, Number(length))
  return Array.from(text, bit => (bit === '1' ? 1 : 0))
}

function toGroups(address: string): number[] {
  const [left = [], right = []] = address
    .split('::')
    .map(side => (side === '' ? [] : side.split(':').map(group => Number.parseInt(group, 16))))
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return [...left, ...zeros, ...right]
}

function toNode(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const node = Buffer.alloc(recordSize / 4)
  if (recordSize === 32) {
    node.writeUInt32BE(left)
    node.writeUInt32BE(right, 4)
    return node
  }
  node.writeUIntBE(left & 0xffffff, 0, 3)
  node.writeUIntBE(right & 0xffffff, recordSize / 4 - 3, 3)
  // The byte in the middle has the highest four bits of both.
  if (recordSize === 28) node[3] = ((left >>> 24) << 4) | (right >>> 24)
  return node
}

function writeData(values: readonly MmdbValue[]): {
  data: Buffer
  offsetOf: (value: MmdbValue) => number
} {
  const offsets = new Map<MmdbValue, number>()
  const parts: Buffer[] = []
  let size = 0
  for (const value of new Set(values)) {
    const part = encode(value)
    offsets.set(value, size)
    parts.push(part)
    size += part.length
  }
  return { data: Buffer.concat(parts), offsetOf: value => offsets.get(value) ?? 0 }
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') return uint(6, value)
  if (typeof value === 'boolean') return control(14, value ? 1 : 0)
  if (isList(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  return map(Object.entries(value).map(([key, each]) => [key, encode(each)]))
}

const isList = (value: MmdbValue): value is readonly MmdbValue[] => Array.isArray(value)

function map(entries: readonly (readonly [key: string, value: Buffer])[]): Buffer {
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, value]) => [encode(key), value]),
  ])
}

/** Encodes a number of type 5, 6 or 9: at most 16, 32 or 64 bits. */
function uint(type: 5 | 6 | 9, value: number): Buffer {
  const bytes = Buffer.alloc(type === 5 ? 2 : 4)
  bytes.writeUIntBE(value, 0, bytes.length)
  return Buffer.concat([control(type, bytes.length), bytes])
}

/** Encodes the type and size of the next field. Types from 8 on take a second byte. */
function control(type: number, size: number): Buffer {
  const inByte = Math.min(size, 29)
  return Buffer.from([
    ...(type > 7 ? [inByte, type - 7] : [(type << 5) | inByte]),
    ...(size > 28 ? [size - 29] : []),
  ])
}
