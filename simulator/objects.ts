// Python objects as far as memory goes: ob_refcnt and ob_type, type objects, the collector's header before
// an object. Follows CPython 3.11 Modules/gcmodule.c, gc_alloc, PyObject_GC_Del, _PyObject_GC_TRACK, and
// Include/internal/pycore_object.h, _PyType_PreHeaderSize.
import type { Domain } from './domain.ts';
import type { Journal } from './journal.ts';
import { hex, type Memory, word, type Word } from './memory.ts';
import type { CPython } from './versions.ts';

export const SIZEOF_GC_HEAD = 16n;
/** Distance between the type objects of one process. */
const SIZEOF_TYPE = 512n;
export const TYPES_SIZE = 0x20000;

/** Offsets in PyObject and PyTypeObject. */
const OB_TYPE = 8n;
const TP_BASICSIZE = 32n;
const TP_FLAGS = 168n;
const TPFLAGS_HAVE_GC = 1n << 14n;
const TPFLAGS_DEFAULT = 1n << 18n;
/** The low bits of _gc_prev are flags. */
const PREV_FLAGS = 3n;

export class Objects {
  /** Type objects by basicsize and kind. */
  readonly #types = new Map<string, Word>();

  constructor(
    readonly cpython: CPython,
    readonly memory: Memory,
    readonly journal: Journal,
    readonly obj: Domain,
    /** Where type objects lie, and the list head of the youngest generation. */
    readonly places: { readonly types: Word; readonly generation0: Word },
  ) {}

  clone(memory: Memory, journal: Journal, obj: Domain): Objects {
    const copy = new Objects(this.cpython, memory, journal, obj, this.places);
    for (const [key, type] of this.#types) copy.#types.set(key, type);
    return copy;
  }

  /** The generation's list, empty. */
  initGeneration(): void {
    const { generation0 } = this.places;
    this.memory.setU64(generation0, generation0);
    this.memory.setU64(generation0 + 8n, generation0);
  }

  /** ob_refcnt 1 and a type of this basicsize. */
  initObject(object: Word, basicsize: number, { gc }: { readonly gc: boolean }): void {
    this.memory.setU64(object, 1n);
    this.memory.setU64(object + OB_TYPE, this.#typeFor(basicsize, gc));
  }

  /** PyObject_GC_New: the object, 16 bytes into its block; 0 when there is no memory. */
  gcNew(basicsize: number, { isZeroed }: { readonly isZeroed: boolean }): Word {
    const { memory } = this;
    const block = this.obj.malloc(BigInt(basicsize) + SIZEOF_GC_HEAD);
    if (block === 0n) return 0n;
    memory.setU64(block, 0n);
    memory.setU64(block + 8n, 0n);
    const object = block + SIZEOF_GC_HEAD;
    if (isZeroed) memory.fill(object, basicsize, 0);
    this.initObject(object, basicsize, { gc: true });
    this.journal.note(
      `The object at ${hex(object)} lies 16 bytes into its block: the collector's header is before it.`,
    );
    return object;
  }

  gcResize(object: Word, basicsize: number): Word {
    const bytes = BigInt(basicsize) + SIZEOF_GC_HEAD;
    const block = this.obj.realloc(word(object - SIZEOF_GC_HEAD), bytes);
    return block === 0n ? 0n : block + SIZEOF_GC_HEAD;
  }

  /** PyObject_GC_Del */
  gcDel(object: Word): void {
    const preHeader = this.#preHeaderSize(object);
    if (this.isTracked(object)) this.#unlink(word(object - SIZEOF_GC_HEAD));
    this.obj.free(word(object - preHeader));
  }

  /** Bytes before the object that belong to its block; read from its type where the version does. */
  #preHeaderSize(object: Word): Word {
    const { memory, journal, cpython } = this;
    if (cpython.preHeaders === null) {
      journal.note('PyObject_GC_Del() takes the block to start 16 bytes before the object.');
      return SIZEOF_GC_HEAD;
    }
    const type = memory.u64(object + OB_TYPE);
    const flags = memory.u64(type + TP_FLAGS);
    const size = 16n * BigInt(cpython.preHeaders.filter((set) => (flags & set) !== 0n).length);
    journal.note(
      `PyObject_GC_Del() read tp_flags of the type at ${hex(type)}: the block starts ${size} bytes before the object.`,
    );
    return size;
  }

  isTracked(object: Word): boolean {
    return this.memory.u64(object - SIZEOF_GC_HEAD) !== 0n;
  }

  track(object: Word): void {
    const { memory } = this;
    const { generation0 } = this.places;
    const header = word(object - SIZEOF_GC_HEAD);
    const last = memory.u64(generation0 + 8n);
    memory.setU64(last, header);
    memory.setU64(header + 8n, (memory.u64(header + 8n) & PREV_FLAGS) | last);
    memory.setU64(header, generation0);
    memory.setU64(generation0 + 8n, header);
  }

  untrack(object: Word): void {
    if (this.isTracked(object)) this.#unlink(word(object - SIZEOF_GC_HEAD));
  }

  /** gc_list_remove */
  #unlink(header: Word): void {
    const { memory } = this;
    const next = memory.u64(header);
    const previous = memory.u64(header + 8n) & ~PREV_FLAGS;
    this.journal.note(
      `The collector's header says tracked: it is unlinked from ${hex(previous)} and ${hex(next)}.`,
    );
    memory.setU64(previous, next);
    memory.setU64(next + 8n, (memory.u64(next + 8n) & PREV_FLAGS) | previous);
    memory.setU64(header, 0n);
  }

  #typeFor(basicsize: number, gc: boolean): Word {
    const key = `${basicsize} ${gc}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const type = this.places.types + SIZEOF_TYPE * BigInt(this.#types.size);
    this.memory.setU64(type, 1n);
    this.memory.setU64(type + TP_BASICSIZE, BigInt(basicsize));
    this.memory.setU64(type + TP_FLAGS, TPFLAGS_DEFAULT | (gc ? TPFLAGS_HAVE_GC : 0n));
    this.#types.set(key, type);
    return type;
  }
}
