// Sizes that can wrap around: a product of a number that Python code chooses and of something else, given to
// a function that asks for bytes. A number that is compared with anything, or handed to a function that may
// look at it, counts as bounded. Follows the 64-bit ABIs: size_t has 64 bits.
import type { Span } from '../../simulator/flagged-path.ts';
import type { ApiRow } from '../knowledge/row.ts';
import type { Frame } from './frame.ts';
import { sizeOfCType } from './size.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/** Numbers up to this in a comparison say nothing about how large the other side is. */
const SMALL = 1;
const SIZE_BITS = 64;
/** Taken for a type that is not known: a struct of some numbers. */
const STRUCT_BYTES = 16;
/** Chosen where several numbers together make the product wrap around. */
const WRAPPED_BYTES = 16;

export interface Wrap {
  /** Where the number comes from. */
  readonly source: ApiRow;
  readonly at: Span;
  /** A number that makes the product wrap around, where that is the only one; and the bytes that are left. */
  readonly number: bigint | null;
  readonly bytes: number;
}

interface Product {
  readonly inputs: { readonly row: ApiRow; readonly at: Span }[];
  factor: number;
  /** Of the largest value that the inputs can give together. */
  bits: number;
}

/** A number from Python code that makes the product wrap around; null: none, or it may be bounded. */
export function wrapOf(frame: Frame, state: State, size: Value): Wrap | null {
  if (frame.originOf(size)?.kind !== 'arithmetic') return null;
  const product: Product = { inputs: [], factor: 1, bits: 0 };
  if (!multiply(frame, state, size, product)) return null;
  const [input] = product.inputs;
  if (input === undefined || product.bits + Math.log2(product.factor) <= SIZE_BITS) return null;
  const { row: source, at } = input;
  if (product.inputs.length > 1) return { source, at, number: null, bytes: WRAPPED_BYTES };
  const factor = BigInt(product.factor);
  const number = 2n ** BigInt(SIZE_BITS) / factor + 2n;
  return { source, at, number, bytes: Number(BigInt.asUintN(SIZE_BITS, number * factor)) };
}

/** Multiplies the value into the product; false: something is not known, or may be bounded. */
function multiply(frame: Frame, state: State, value: Value, product: Product): boolean {
  if (isBounded(frame, state, value)) return false;
  const origin = frame.originOf(value);
  if (origin?.kind === 'input') {
    product.inputs.push(origin);
    product.bits += 8 * (sizeOfCType(origin.row.number ?? '') ?? 0) - 1;
    return true;
  }
  if (origin?.kind === 'arithmetic') {
    const parts = [origin.left, origin.right];
    if (origin.operator === '*') return parts.every((v) => multiply(frame, state, v, product));
    // `n + 1` is as large as n.
    const large = parts.filter((v) => v.kind !== 'int');
    return (
      origin.operator === '+' && large.length === 1 && multiply(frame, state, large[0]!, product)
    );
  }
  const constant = constantSize(value);
  if (constant === null) return false;
  product.factor *= constant;
  return true;
}

/** Comparing two values may bound them. */
export function boundedBy(frame: Frame, left: Value, right: Value): void {
  if (!isSmall(right)) bound(frame, left);
  if (!isSmall(left)) bound(frame, right);
}

function isSmall(value: Value): boolean {
  return value.kind === 'int' && Math.abs(value.value) <= SMALL;
}

/** Whoever gets the number may look at it. */
export function bound(frame: Frame, value: Value): void {
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind !== 'ref' || frame.bounded.has(next.id)) continue;
    const origin = frame.origins.get(next.id);
    if (origin?.kind !== 'input' && origin?.kind !== 'arithmetic') continue;
    frame.bounded.add(next.id);
    if (origin.kind === 'arithmetic') pending.push(origin.left, origin.right);
  }
}

function isBounded(frame: Frame, state: State, value: Value): boolean {
  if (value.kind !== 'ref') return false;
  return frame.bounded.has(value.id) || state.factOf(value.id).high < Infinity;
}

/** Of an integer or `sizeof(type)`; null: not known. */
function constantSize(value: Value): number | null {
  if (value.kind === 'int') return value.value;
  const type = value.kind === 'ref' ? /^'sizeof ?\((.*)\)'$/.exec(value.id)?.[1] : undefined;
  if (type === undefined) return null;
  const name = type.replace(/\b(?:const|struct|unsigned(?= char))\s+/g, '').trim();
  const isPerhapsOneByte = /8|char|byte|bool|^\*/i.test(name);
  return sizeOfCType(name) ?? (isPerhapsOneByte ? null : STRUCT_BYTES);
}
