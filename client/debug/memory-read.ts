// readMemory: bytes of the simulated address space as base64. A client may ask for any number of them; it gets
// what is mapped in one piece, up to a limit.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../simulator/word.ts';
import type { Timeline } from '../../simulator/timeline.ts';
import { parseAddress } from './inspector.ts';

/** Bytes; the client asks again for more. */
const LIMIT = 64 * 1024;

/** Throws an Error with one sentence when the reference names no address. */
export function readMemory(
  timeline: Timeline,
  frame: number,
  wanted: { readonly memoryReference: string; readonly offset: number; readonly count: number },
): NonNullable<DebugProtocol.ReadMemoryResponse['body']> {
  const base = parseAddress(wanted.memoryReference.trim());
  if (base === null)
    throw new Error(
      `${wanted.memoryReference} is no address: it must be 0x and hexadecimal digits.`,
    );
  const start = base + wanted.offset;
  if (!Number.isSafeInteger(start) || start < 0)
    throw new Error(
      `${wanted.memoryReference} ${wanted.offset} lies outside of the address space.`,
    );
  const count = Math.min(wanted.count, LIMIT);
  if (count === 0) return { address: hex(start) };
  const bytes = timeline.peek(frame, start, count);
  const hole = bytes.indexOf(null);
  const data = hole < 0 ? bytes : bytes.slice(0, hole);
  const mapped = data.length === bytes.length ? [] : bytes.slice(data.length);
  const next = mapped.findIndex((byte) => byte !== null);
  const unreadableBytes = next < 0 ? wanted.count - data.length : next;
  return {
    address: hex(start),
    ...(data.length === 0 ? {} : { data: base64(data) }),
    ...(data.length === bytes.length ? {} : { unreadableBytes }),
  };
}

function base64(bytes: readonly (number | null)[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(byte ?? 0)).join(''));
}
