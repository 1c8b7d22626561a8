/**
 * One-dimensional arrays in PostgreSQL's binary format (src/backend/utils/adt/arrayfuncs.c, array_recv): what a flush
 * sends instead of text arrays, which cost a third more of the client's time to write and of the server's to read.
 *
 * Layout: dimensions, null flag, element type (int32 each); then length and lower bound of the one dimension; then each
 * element as its length (-1 for null) and its bytes. An empty array has no dimension at all.
 */

const types = {
  uuid: { oid: 2950, size: 16 },
  text: { oid: 25, size: undefined },
  bytea: { oid: 17, size: undefined },
  int2: { oid: 21, size: 2 },
  int4: { oid: 23, size: 4 },
  timestamptz: { oid: 1184, size: 8 },
} as const;

export type ElementType = keyof typeof types;

/** `bytea` may travel as text too: its UTF-8 bytes. */
export type Element = string | Uint8Array | number | Date | null;

const emptyBytes = 12;
const headBytes = 20;
/** PostgreSQL counts microseconds from 2000-01-01. */
const epochMs = 946_684_800_000;

export function binaryArray(type: ElementType, values: readonly Element[]): Buffer {
  const { oid, size } = types[type];
  const count = values.length;
  if (count === 0) {
    const empty = Buffer.alloc(emptyBytes);
    empty.writeInt32BE(oid, 8);
    return empty;
  }
  let hasNull = 0;
  let bytes = headBytes + 4 * count;
  for (const value of values) {
    if (value === null) hasNull = 1;
    else bytes += size ?? lengthOf(value as string | Uint8Array);
  }
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  let at = headBytes;
  for (const value of values) at = write(array, at, type, value);
  return array;
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

function write(array: Buffer, at: number, type: ElementType, value: Element): number {
  if (value === null) return array.writeInt32BE(-1, at);
  const start = at + 4;
  let end: number;
  switch (type) {
    case 'uuid':
      end = start + array.write((value as string).replaceAll('-', ''), start, 16, 'hex');
      if (end - start !== 16) throw new TypeError(`not a UUID: ${String(value)}`);
      break;
    case 'int2':
      end = array.writeInt16BE(value as number, start);
      break;
    case 'int4':
      end = array.writeInt32BE(value as number, start);
      break;
    case 'timestamptz':
      end = array.writeBigInt64BE(BigInt((value as Date).getTime() - epochMs) * 1000n, start);
      break;
    default:
      if (typeof value === 'string') end = start + array.write(value, start);
      else {
        array.set(value as Uint8Array, start);
        end = start + (value as Uint8Array).length;
      }
  }
  array.writeInt32BE(end - start, at);
  return end;
}
