// Unsigned 64-bit arithmetic as the machine does it. Addresses and sizes are small, so a word is a number
// wherever that is exact and a bigint only above: the allocators rarely meet one, and then in a header that
// somebody overwrote.

/**
 * 0 <= word < 2^64: a number below 2^53, a bigint from there on, so that equal words are `===`. Compare
 * with `<` and `===`; for anything else there are the functions of this file, which wrap.
 */
export type Word = number | bigint;

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const TWO_32 = 2 ** 32;
const POWERS_OF_2 = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** Any integer, modulo 2^64. */
export function word(value: number | bigint): Word {
  if (typeof value === 'number' && value >= 0 && value <= MAX_SAFE) return value;
  const wrapped = BigInt.asUintN(64, BigInt(value));
  return wrapped <= MAX_SAFE ? Number(wrapped) : wrapped;
}

/** `b` may be negative. */
export function add(a: Word, b: Word): Word {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum >= 0 && sum <= MAX_SAFE) return sum;
  }
  return word(BigInt(a) + BigInt(b));
}

export function sub(a: Word, b: Word): Word {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference >= 0 && difference <= MAX_SAFE) return difference;
  }
  return word(BigInt(a) - BigInt(b));
}

/** The exact product, which may not fit into a word: compare it with a limit before it is used. */
export function product(a: Word, b: Word): number | bigint {
  const result = Number(a) * Number(b);
  return result <= MAX_SAFE ? result : BigInt(a) * BigInt(b);
}

/** The bits of `mask` that are set; `mask` < 2^31. */
export function bits(a: Word, mask: number): number {
  return typeof a === 'number' ? a & mask : Number(a & BigInt(mask));
}

/** The word without the bits of `mask`; `mask` < 2^31. */
export function without(a: Word, mask: number): Word {
  return typeof a === 'number' ? a - (a & mask) : word(a & ~BigInt(mask));
}

export function or(a: Word, mask: number): Word {
  return typeof a === 'number' ? a + (mask - (a & mask)) : a | BigInt(mask);
}

export function xor(a: Word, b: Word): Word {
  if (typeof a === 'number' && typeof b === 'number') {
    const high = Math.floor(a / TWO_32) ^ Math.floor(b / TWO_32);
    return high * TWO_32 + ((a ^ b) >>> 0);
  }
  return word(BigInt(a) ^ BigInt(b));
}

export function shiftRight(a: Word, count: number): Word {
  return typeof a === 'number'
    ? Math.floor(a / (POWERS_OF_2[count] ?? 1))
    : word(a >> BigInt(count));
}

/** The low 32 bits, unsigned. */
export function low32(a: Word): number {
  return typeof a === 'number' ? a >>> 0 : Number(BigInt.asUintN(32, a));
}

/** As a signed number, two's complement. */
export function isNegative(a: Word): boolean {
  return typeof a === 'bigint' && a >= 2n ** 63n;
}

export function hex(value: number | bigint): string {
  return `0x${word(value).toString(16)}`;
}
