// A named field in simulated memory, by address, and how its bytes are read for display: through a peek
// that never faults.
import { hex } from './word.ts';
import type { FieldView } from './view.ts';
import type { World } from './world.ts';

/** A field by address. */
export interface Field extends Omit<FieldView, 'offset' | 'state'> {
  readonly address: number;
  readonly corrupt: boolean;
}

export function word(world: World, address: number, name: string, note: string): Field {
  const found = wordAt(world, address);
  return {
    address,
    length: 8,
    name,
    value: found === null ? '?' : hex(found),
    note,
    corrupt: false,
  };
}

/** null: not mapped. */
export function wordAt(world: World, address: number): bigint | null {
  const bytes = bytesAt(world, address, 8);
  if (bytes.includes(null)) return null;
  return bytes.reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n);
}

export function bytesAt(world: World, address: number, length: number): readonly (number | null)[] {
  return world.process.memory.peekBytes(address, length);
}

export function byteText(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
