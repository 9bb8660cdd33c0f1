// The report that the debug hooks print before they abort, byte for byte. Follows CPython 3.11
// Objects/obmalloc.c, _PyObject_DebugDumpAddress, and Python/pylifecycle.c, fatal_error. Standard error is
// not buffered: when the dump itself faults, what was printed before stays.
import type { Hooks } from './debug-hooks.ts';
import type { Operand } from './fault.ts';
import { add, hex, sub, type Word } from './word.ts';

export const PYMEM_FORBIDDENBYTE = 0xfd;
const LEADING = 7;
const TRAILING = 8;

interface FatalError {
  /** The C function that found it. */
  readonly functionName: string;
  readonly message: string;
  readonly reason: string;
  /** What the check read. */
  readonly operand: Operand;
}

/** The size field: 8 bytes, big endian. */
export function requestedSize(memory: Hooks['memory'], data: Word): Word {
  return memory.u64BigEndian(sub(data, 16));
}

export function reportFatal(hooks: Hooks, data: Word, error: FatalError): never {
  dumpAddress(hooks, data);
  const text = fatalErrorText(hooks, error.functionName, error.message);
  hooks.journal.abort(text, error.reason, data, [error.operand]);
}

export function fatalErrorText(hooks: Hooks, functionName: string, message: string): string {
  // A C string: without the function's name it was formatted first, and ends at the first NUL.
  const line = hooks.cpython.fatalNamesFunction
    ? `${functionName}: ${message}`
    : (message.split('\0')[0] ?? '');
  return `Fatal Python error: ${line}\n${hooks.runtimeState}`;
}

function dumpAddress({ memory, journal }: Hooks, data: Word): void {
  journal.print(`Debug memory block at address p=${hex(data)}:`);
  journal.print(` API '${String.fromCharCode(memory.u8(sub(data, 8)))}'\n`);
  const size = requestedSize(memory, data);
  journal.print(`    ${size} bytes originally requested\n`);

  journal.print(`    The ${LEADING} pad bytes at p-${LEADING} are `);
  const leading = memory.read(sub(data, LEADING), LEADING);
  if (leading.every((byte) => byte === PYMEM_FORBIDDENBYTE)) {
    journal.print('FORBIDDENBYTE, as expected.\n');
  } else {
    journal.print(`not all FORBIDDENBYTE (0x${PYMEM_FORBIDDENBYTE.toString(16)}):\n`);
    for (const [index, byte] of leading.entries())
      journal.print(padLine(`p-${LEADING - index}`, byte));
    journal.print(
      '    Because memory is corrupted at the start, the count of bytes requested\n' +
        '       may be bogus, and checking the trailing pad bytes may segfault.\n',
    );
  }

  const tail = add(data, size);
  journal.print(`    The ${TRAILING} pad bytes at tail=${hex(tail)} are `);
  if (memory.countEqual(tail, TRAILING, PYMEM_FORBIDDENBYTE) === TRAILING) {
    journal.print('FORBIDDENBYTE, as expected.\n');
  } else {
    journal.print(`not all FORBIDDENBYTE (0x${PYMEM_FORBIDDENBYTE.toString(16)}):\n`);
    for (let index = 0; index < TRAILING; index++)
      journal.print(padLine(`tail+${index}`, memory.u8(add(tail, index))));
  }
  if (size > 0) dumpData(memory, journal, { data, tail });
  journal.print('\nEnable tracemalloc to get the memory block allocation traceback\n\n');
}

function padLine(place: string, byte: number): string {
  const mark = byte === PYMEM_FORBIDDENBYTE ? '' : ' *** OUCH';
  return `        at ${place}: 0x${hexByte(byte)}${mark}\n`;
}

/** Up to 8 bytes at the start and up to 8 at the end. */
function dumpData(
  memory: Hooks['memory'],
  journal: Hooks['journal'],
  { data, tail }: { readonly data: Word; readonly tail: Word },
): void {
  journal.print('    Data at p:');
  let at = data;
  for (let count = 0; at < tail && count < 8; count++) {
    journal.print(` ${hexByte(memory.u8(at))}`);
    at = add(at, 1);
  }
  if (at < tail && sub(tail, at) > 8) {
    journal.print(' ...');
    at = sub(tail, 8);
  }
  for (; at < tail; at = add(at, 1)) journal.print(` ${hexByte(memory.u8(at))}`);
  journal.print('\n');
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
