// Python objects as far as memory goes: ob_refcnt and ob_type, type objects, the collector's header before
// an object. Follows CPython 3.11 Modules/gcmodule.c, gc_alloc, PyObject_GC_Del, _PyObject_GC_TRACK, and
// Include/internal/pycore_object.h, _PyType_PreHeaderSize.
import type { Domain } from './domain.ts';
import type { Journal } from './journal.ts';
import type { Memory } from './memory.ts';
import { readInterpreter, type ThreadState } from './thread-state.ts';
import type { CPython } from './versions.ts';
import { add, bits, hex, or, sub, without, type Word } from './word.ts';

const SIZEOF_GC_HEAD = 16;
/** Distance between the type objects of one process. */
const SIZEOF_TYPE = 512;
export const TYPES_SIZE = 0x20000;

/** Offsets in PyObject and PyTypeObject. */
const OB_TYPE = 8;
const TP_BASICSIZE = 32;
const TP_FLAGS = 168;
const TPFLAGS_HAVE_GC = 1 << 14;
const TPFLAGS_DEFAULT = 1 << 18;
/** The low bits of _gc_prev are flags. */
const PREV_FLAGS = 3;

export class Objects {
  /** Type objects by basicsize and kind. */
  readonly #types = new Map<string, Word>();

  constructor(
    readonly cpython: CPython,
    readonly memory: Memory,
    readonly journal: Journal,
    readonly obj: Domain,
    readonly thread: ThreadState,
    /** Where type objects lie, and the list head of the youngest generation. */
    readonly places: { readonly types: Word; readonly generation0: Word },
  ) {}

  clone(memory: Memory, journal: Journal, obj: Domain, thread: ThreadState): Objects {
    const copy = new Objects(this.cpython, memory, journal, obj, thread, this.places);
    for (const [key, type] of this.#types) copy.#types.set(key, type);
    return copy;
  }

  /** The generation's list, empty. */
  initGeneration(): void {
    const { generation0 } = this.places;
    this.memory.setU64(generation0, generation0);
    this.memory.setU64(add(generation0, 8), generation0);
  }

  /** ob_refcnt 1 and a type of this basicsize. */
  initObject(object: Word, basicsize: number, { gc }: { readonly gc: boolean }): void {
    this.memory.setU64(object, 1);
    this.memory.setU64(add(object, OB_TYPE), this.#typeFor(basicsize, gc));
  }

  /** PyObject_GC_New: the object, 16 bytes into its block; 0 when there is no memory. */
  gcNew(basicsize: number, { isZeroed }: { readonly isZeroed: boolean }): Word {
    const { memory, cpython } = this;
    if (cpython.collectorOfInterpreter === 'before allocating') this.#readCollector();
    const block = this.obj.malloc(basicsize + SIZEOF_GC_HEAD);
    if (block === 0) return 0;
    if (cpython.collectorOfInterpreter === 'after allocating') this.#readCollector();
    memory.setU64(block, 0);
    memory.setU64(add(block, 8), 0);
    const object = add(block, SIZEOF_GC_HEAD);
    if (isZeroed) memory.fill(object, basicsize, 0);
    this.initObject(object, basicsize, { gc: true });
    this.journal.note(
      () =>
        `The object at ${hex(object)} lies 16 bytes into its block: the collector's header is before it.`,
    );
    return object;
  }

  gcResize(object: Word, basicsize: number): Word {
    const bytes = basicsize + SIZEOF_GC_HEAD;
    const block = this.obj.realloc(sub(object, SIZEOF_GC_HEAD), bytes);
    return block === 0 ? 0 : add(block, SIZEOF_GC_HEAD);
  }

  /** PyObject_GC_Del */
  gcDel(object: Word): void {
    const preHeader = this.#preHeaderSize(object);
    if (this.isTracked(object)) this.#unlink(sub(object, SIZEOF_GC_HEAD));
    if (this.cpython.collectorOfInterpreter !== 'never') this.#readCollector();
    this.obj.free(sub(object, preHeader));
  }

  #readCollector(): void {
    readInterpreter(this.thread, this.journal, 'what the collector counts');
  }

  /** Bytes before the object that belong to its block; read from its type where the version does. */
  #preHeaderSize(object: Word): Word {
    const { memory, journal, cpython } = this;
    if (cpython.preHeaders === null) {
      journal.note(() => 'PyObject_GC_Del() takes the block to start 16 bytes before the object.');
      return SIZEOF_GC_HEAD;
    }
    const type = memory.u64(add(object, OB_TYPE));
    const flags = memory.u64(add(type, TP_FLAGS));
    const size = 16 * cpython.preHeaders.filter((set) => bits(flags, set) !== 0).length;
    journal.note(
      () =>
        `PyObject_GC_Del() read tp_flags of the type at ${hex(type)}: the block starts ${size} bytes before the object.`,
    );
    return size;
  }

  isTracked(object: Word): boolean {
    return this.memory.u64(sub(object, SIZEOF_GC_HEAD)) !== 0;
  }

  track(object: Word): void {
    const { memory } = this;
    const { generation0 } = this.places;
    const header = sub(object, SIZEOF_GC_HEAD);
    const last = memory.u64(add(generation0, 8));
    memory.setU64(last, header);
    memory.setU64(add(header, 8), linked(last, memory.u64(add(header, 8))));
    memory.setU64(header, generation0);
    memory.setU64(add(generation0, 8), header);
  }

  untrack(object: Word): void {
    if (this.isTracked(object)) this.#unlink(sub(object, SIZEOF_GC_HEAD));
  }

  /** gc_list_remove */
  #unlink(header: Word): void {
    const { memory } = this;
    const next = memory.u64(header);
    const previous = without(memory.u64(add(header, 8)), PREV_FLAGS);
    this.journal.note(
      () =>
        `The collector's header says tracked: it is unlinked from ${hex(previous)} and ${hex(next)}.`,
    );
    memory.setU64(previous, next);
    memory.setU64(add(next, 8), linked(previous, memory.u64(add(next, 8))));
    memory.setU64(header, 0);
  }

  #typeFor(basicsize: number, gc: boolean): Word {
    const key = `${basicsize} ${gc}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const type = add(this.places.types, SIZEOF_TYPE * this.#types.size);
    this.memory.setU64(type, 1);
    this.memory.setU64(add(type, TP_BASICSIZE), basicsize);
    this.memory.setU64(add(type, TP_FLAGS), TPFLAGS_DEFAULT | (gc ? TPFLAGS_HAVE_GC : 0));
    this.#types.set(key, type);
    return type;
  }
}

/** A _gc_prev: a pointer to the header before, with the flags that were there. */
function linked(previous: Word, old: Word): Word {
  return or(previous, bits(old, PREV_FLAGS));
}
