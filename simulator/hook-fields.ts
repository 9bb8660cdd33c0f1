// The fields that CPython's debug hooks keep around a block. Follows Objects/obmalloc.c, _PyMem_DebugRawAlloc.
import { PYMEM_FORBIDDENBYTE } from './debug-report.ts';
import { byteText, bytesAt, type Field } from './field.ts';
import { hex } from './word.ts';
import type { World } from './world.ts';

export interface Hooks {
  /** First byte after the header. */
  readonly start: number;
  readonly size: number;
  readonly id: string;
}

export function hookFields(world: World, { start, size, id }: Hooks): readonly Field[] {
  const found = bytesAt(world, start - 16, 8);
  const stored = found.reduce<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n);
  const idByte = bytesAt(world, start - 8, 1)[0] ?? null;
  return [
    {
      address: start - 16,
      length: 8,
      name: 'size',
      value: stored < 1n << 48n ? `${stored} (big endian)` : `${hex(stored)} (big endian)`,
      note: 'bytes requested, kept by the debug hooks',
      corrupt: stored !== BigInt(size),
    },
    {
      address: start - 8,
      length: 1,
      name: 'API id',
      value: idByte === null ? '?' : `'${printable(idByte)}' (0x${byteText(idByte)})`,
      note: 'the allocator domain: r raw, m mem, o object',
      corrupt: idByte !== id.charCodeAt(0),
    },
    forbidden(world, start - 7, 7),
    forbidden(world, start + size, 8),
  ];
}

function forbidden(world: World, address: number, length: number): Field {
  const bytes = bytesAt(world, address, length);
  const intact = bytes.every((byte) => byte === PYMEM_FORBIDDENBYTE);
  const value = intact
    ? `0xfd × ${length}`
    : bytes.map((byte) => (byte === null ? '??' : byteText(byte))).join(' ');
  const note = intact ? 'pad bytes that nobody may touch' : 'pad bytes, overwritten';
  return { address, length, name: 'FORBIDDENBYTE', value, note, corrupt: !intact };
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
