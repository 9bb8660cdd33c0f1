// PYTHONMALLOC=debug: a domain that decorates another domain's blocks and checks them when they come back.
// Follows CPython 3.11 Objects/obmalloc.c, _PyMem_DebugRawAlloc and its siblings. Fatal reports are in
// debug-report.ts.
import { fatalErrorText, PYMEM_FORBIDDENBYTE, reportFatal, requestedSize } from './debug-report.ts';
import type { Domain } from './domain.ts';
import type { Journal } from './journal.ts';
import type { Memory } from './memory.ts';
import { add, hex, product, sub, type Word } from './word.ts';
import type { CPython } from './versions.ts';

const PYMEM_CLEANBYTE = 0xcd;
const PYMEM_DEADBYTE = 0xdd;

/** sizeof(size_t) */
const SST = 8;
const PYMEM_DEBUG_EXTRA_BYTES = 3 * SST;
const PY_SSIZE_T_MAX = 2n ** 63n - 1n;
const LARGEST_REQUEST = PY_SSIZE_T_MAX - BigInt(PYMEM_DEBUG_EXTRA_BYTES);
const ERASED_SIZE = 64;

/** The byte that names the domain: raw, mem, obj. */
export type ApiId = 'r' | 'm' | 'o';

export interface Hooks {
  readonly memory: Memory;
  readonly journal: Journal;
  readonly inner: Domain;
  readonly api: ApiId;
  readonly cpython: CPython;
  /** What Py_FatalError prints after its first line. */
  readonly runtimeState: string;
  /** Whether the calling thread holds the GIL. The raw domain does not ask. */
  readonly thread: { readonly isAttached: boolean };
}

export function debugDomain(hooks: Hooks): Domain {
  return {
    malloc: (bytes) => {
      checkGil(hooks, '_PyMem_DebugMalloc');
      return debugAlloc(hooks, bytes, { isZeroed: false });
    },
    calloc: (count, size) => {
      checkGil(hooks, '_PyMem_DebugCalloc');
      return debugAlloc(hooks, product(count, size), { isZeroed: true });
    },
    realloc: (pointer, bytes) => {
      checkGil(hooks, '_PyMem_DebugRealloc');
      return debugRealloc(hooks, pointer, bytes);
    },
    free: (pointer) => {
      checkGil(hooks, '_PyMem_DebugFree');
      debugFree(hooks, pointer);
    },
  };
}

/** _PyMem_DebugCheckGIL */
function checkGil(hooks: Hooks, functionName: string): void {
  const { journal, api, thread } = hooks;
  if (api === 'r' || thread.isAttached) return;
  journal.abort(
    fatalErrorText(hooks, functionName, 'Python memory allocator called without holding the GIL'),
    `${functionName}() serves the '${api}' domain, which needs an attached thread state, and the thread has none`,
    0,
  );
}

function debugAlloc(hooks: Hooks, bytes: Word, { isZeroed }: { readonly isZeroed: boolean }): Word {
  if (bytes > LARGEST_REQUEST) return 0;
  const total = add(bytes, PYMEM_DEBUG_EXTRA_BYTES);
  const head = isZeroed ? hooks.inner.calloc(1, total) : hooks.inner.malloc(total);
  if (head === 0) return 0;
  const data = decorate(hooks, head, bytes);
  if (!isZeroed) hooks.memory.fill(data, Number(bytes), PYMEM_CLEANBYTE);
  hooks.journal.note(
    () =>
      `The debug hooks wrote the size ${bytes}, the id '${hooks.api}' and 7 forbidden bytes before ${hex(data)}, and 8 forbidden bytes after it.`,
  );
  return data;
}

/** Header and trailer; the address of the data. */
function decorate({ memory, api }: Hooks, head: Word, bytes: Word): Word {
  const data = add(head, 2 * SST);
  memory.setU64BigEndian(head, bytes);
  memory.setU8(add(head, SST), api.charCodeAt(0));
  memory.fill(add(head, SST + 1), SST - 1, PYMEM_FORBIDDENBYTE);
  memory.fill(add(data, bytes), SST, PYMEM_FORBIDDENBYTE);
  return data;
}

function debugFree(hooks: Hooks, data: Word): void {
  if (data === 0) return;
  checkAddress(hooks, data, '_PyMem_DebugRawFree');
  const head = sub(data, 2 * SST);
  const total = add(requestedSize(hooks.memory, data), PYMEM_DEBUG_EXTRA_BYTES);
  hooks.memory.fill(head, Number(total), PYMEM_DEADBYTE);
  hooks.journal.note(() => `The debug hooks filled ${total} bytes at ${hex(head)} with 0xdd.`);
  hooks.inner.free(head);
}

function debugRealloc(hooks: Hooks, data: Word, bytes: Word): Word {
  const { memory } = hooks;
  if (data === 0) return debugAlloc(hooks, bytes, { isZeroed: false });
  checkAddress(hooks, data, '_PyMem_DebugRawRealloc');
  if (bytes > LARGEST_REQUEST) return 0;
  const original = requestedSize(memory, data);
  const saved = erase(memory, data, original);
  const head = sub(data, 2 * SST);
  const moved = hooks.inner.realloc(head, add(bytes, PYMEM_DEBUG_EXTRA_BYTES));
  const size = moved === 0 ? original : bytes;
  const result = decorate(hooks, moved === 0 ? head : moved, size);
  for (const { offset, content } of saved) {
    if (size <= offset) continue;
    const rest = sub(size, offset);
    const count = rest < content.length ? Number(rest) : content.length;
    memory.write(add(result, offset), content.subarray(0, count));
  }
  if (moved === 0) return 0;
  if (size > original)
    memory.fill(add(result, original), Number(sub(size, original)), PYMEM_CLEANBYTE);
  return result;
}

interface Saved {
  /** Bytes from the start of the data. */
  readonly offset: Word;
  readonly content: Uint8Array;
}

/** Fills header, trailer and the ends of the data with dead bytes; what the data held there. */
function erase(memory: Memory, data: Word, size: Word): readonly Saved[] {
  const head = sub(data, 2 * SST);
  if (size <= 2 * ERASED_SIZE) {
    const content = memory.read(data, Number(size));
    memory.fill(head, Number(add(size, PYMEM_DEBUG_EXTRA_BYTES)), PYMEM_DEADBYTE);
    return [{ offset: 0, content }];
  }
  const offset = sub(size, ERASED_SIZE);
  const first = memory.read(data, ERASED_SIZE);
  memory.fill(head, ERASED_SIZE + 2 * SST, PYMEM_DEADBYTE);
  const last = memory.read(add(data, offset), ERASED_SIZE);
  memory.fill(add(data, offset), ERASED_SIZE + SST, PYMEM_DEADBYTE);
  return [
    { offset: 0, content: first },
    { offset, content: last },
  ];
}

/** _PyMem_DebugCheckAddress: the id, the 7 bytes before the data, the 8 bytes after it. */
function checkAddress(hooks: Hooks, data: Word, functionName: string): void {
  const { memory, journal, api } = hooks;
  const id = memory.u8(sub(data, SST));
  journal.note(
    () =>
      `The debug hooks read the byte at ${hex(sub(data, SST))}: ${describeId(id)}; this domain's is '${api}'.`,
  );
  if (id !== api.charCodeAt(0)) {
    reportFatal(hooks, data, {
      functionName,
      message: `bad ID: Allocated using API '${String.fromCharCode(id)}', verified using API '${api}'`,
      reason: `the byte 8 before ${hex(data)} is ${describeId(id)}, not '${api}': the block does not come from this domain`,
      operand: { name: 'api id', address: Number(sub(data, SST)), length: 1 },
    });
  }
  const leading = memory.countEqual(sub(data, SST - 1), SST - 1, PYMEM_FORBIDDENBYTE);
  if (leading < SST - 1) {
    const distance = SST - 1 - leading;
    const byte = memory.u8(sub(data, distance));
    reportFatal(hooks, data, {
      functionName,
      message: 'bad leading pad byte',
      reason: `the byte ${distance} before ${hex(data)} is 0x${byte.toString(16)}, not 0xfd: something wrote before the block`,
      operand: { name: 'leading pad', address: Number(sub(data, SST)) + 1, length: 7 },
    });
  }
  const size = requestedSize(memory, data);
  const tail = add(data, size);
  const trailing = memory.countEqual(tail, SST, PYMEM_FORBIDDENBYTE);
  if (trailing < SST) {
    const byte = memory.u8(add(tail, trailing));
    reportFatal(hooks, data, {
      functionName,
      message: 'bad trailing pad byte',
      reason: `byte ${trailing} after the ${size} requested ones is 0x${byte.toString(16)}, not 0xfd: something wrote behind the block`,
      operand: { name: 'trailing pad', address: Number(tail), length: SST },
    });
  }
}

function describeId(id: number): string {
  const value = `0x${id.toString(16).padStart(2, '0')}`;
  return id > 32 && id < 127 ? `'${String.fromCharCode(id)}' (${value})` : value;
}
