// The trace of a finding as the reader sees it (notes) and as the simulator replays it (FlaggedPath).
import { familyFacts, type Family } from '../../simulator/families.ts';
import type { FlaggedPath, Size, Span, Step, StepKind } from '../../simulator/flagged-path.ts';
import type { PathNote } from '../finding.ts';
import { replayFamily } from '../knowledge/python-heap.ts';
import type { Subject } from './events.ts';
import { Holders } from './holders.ts';
import type { HeapCall } from './heap-call.ts';
import { type Loss, lossText } from './loss.ts';
import {
  isUse,
  madeBy,
  relevantEvents,
  releaseOf,
  type Reported,
  subjectOf,
  useText,
} from './relevant-events.ts';
import { PathNotes, threadText } from './path-notes.ts';
import { firstRelease, offsetOf } from './released-by.ts';
import type { TraceEvent } from './trace.ts';
import type { Allocation, Id, Origin, Release, Storage } from './value.ts';

/** Where the source does not fix the size of the new block. */
const RESIZED: Size = { bytes: 80, source: null, chosen: true };
const OBJECT: Size = { bytes: 56, source: null, chosen: true };

export interface Witness {
  readonly notes: readonly PathNote[];
  readonly flaggedPath: FlaggedPath;
}

export function witness(rule: string, event: Reported, lineOf: (at: Span) => string): Witness {
  const events = relevantEvents(event);
  const build = new PathBuilder(
    lineOf,
    event.kind === 'null-dereference' || event.kind === 'silent-failure' ? event.subject.id : null,
  );
  const first = events.find((e) => 'id' in e);
  const subject = subjectOf(event);
  if (subject !== null && first?.kind !== 'alloc') {
    const id = first !== undefined && 'id' in first ? first.id : subject.id;
    build.introduce({ ...subject, id }, firstRelease(events) ?? releaseOf(event));
  }
  for (const e of events) build.add(e);
  const fault = build.fault(event);
  return {
    notes: build.notes,
    flaggedPath: { version: 1, rule, steps: build.steps, fault },
  };
}

class PathBuilder {
  readonly steps: Step[] = [];
  readonly #notes = new PathNotes();
  readonly #lineOf: (at: Span) => string;
  readonly #blocks = new Map<Id, string>();
  /** The allocation that is taken to give NULL. */
  readonly #failed: Id | null;
  readonly #holders = new Holders();

  constructor(lineOf: (at: Span) => string, failed: Id | null) {
    this.#lineOf = lineOf;
    this.#failed = failed;
  }

  get notes(): readonly PathNote[] {
    return this.#notes.fromOutermost();
  }

  /** A block that was not allocated in view: it comes from a family that fits its first release. */
  introduce(subject: Subject, release: Release | null): void {
    const { origin } = subject;
    if (origin?.kind === 'storage') {
      if (release !== null) this.#introduceStorage(subject.id, origin, release);
      return;
    }
    if (origin?.kind === 'borrowed' || origin?.kind === 'reference') {
      const pointer = origin.pointer;
      this.#allocate(subject.id, origin.at, {
        pointer,
        api: origin.row.kind === 'format-unit' ? `"${origin.row.unit}"` : origin.row.name,
        family: 'py-object-instance',
        size: { bytes: 64, source: null, chosen: true },
        zeroed: false,
      });
      const name =
        origin.row.kind === 'format-unit' ? `the "${origin.row.unit}" unit` : origin.row.name;
      const owner = origin.row.lifetime ?? 'the object';
      this.#note(
        'alloc',
        origin.at,
        origin.kind === 'borrowed'
          ? `${quoted(pointer)} is lent by ${name}; it belongs to ${owner}`
          : `${quoted(pointer)} is a reference from ${name}`,
      );
      return;
    }
    if (release === null) return;
    this.#allocate(subject.id, release.at, {
      pointer: release.pointer,
      api: 'the caller',
      family: release.family ?? 'libc',
      size: { bytes: 40, source: null, chosen: true },
      zeroed: false,
    });
  }

  /** Memory that no allocator handed out. */
  #introduceStorage(id: Id, origin: Origin & { kind: 'storage' }, release: Release): void {
    const { storage, name } = origin;
    const at = origin.at ?? release.at;
    const pointer = name === '' ? release.pointer : name;
    this.#step(at, {
      kind: 'place',
      block: this.#newBlock(id, pointer, at),
      pointer,
      region: storage === 'stack' ? 'stack' : 'static',
      size: { bytes: 64, source: null, chosen: true },
    });
    this.#note('alloc', at, `${quoted(pointer)} is ${storageText(storage)}`);
  }

  add(event: TraceEvent): void {
    switch (event.kind) {
      case 'alloc': {
        const { allocation } = event;
        this.#allocate(event.id, event.at, allocation);
        this.#note(
          'alloc',
          event.at,
          event.id === this.#failed
            ? `${madeBy(allocation)} returns NULL for ${quoted(allocation.pointer)}`
            : `${quoted(allocation.pointer)} is allocated by ${madeBy(allocation)}`,
        );
        return;
      }
      case 'realloc':
        this.#realloc(event.id, event.into, event.release, event.allocation);
        this.#note(
          'free',
          event.at,
          event.into === null
            ? `${calledAs(event.release)} fails; ${quoted(event.release.pointer)} stays valid`
            : `${quoted(event.release.pointer)} is resized by ${calledAs(event.release)}; the old pointer dies`,
        );
        return;
      case 'free':
        this.#free(event.id, event.release, 0);
        this.#note(
          'free',
          event.at,
          `${quoted(event.release.pointer)} is released by ${calledAs(event.release)}`,
        );
        return;
      case 'drop':
        return;
      case 'assign': {
        const block = this.#block(event.id, event.place, event.at);
        this.#step(event.at, { kind: 'assign', block, place: event.place });
        this.#holders.hold(block, event.place);
        this.#note('assign', event.at, `the pointer is stored in ${quoted(event.place)}`);
        return;
      }
      case 'null':
        return;
      case 'overwrite': {
        // The last holder lets go in the step that is at fault.
        const { id, place, at } = event;
        const block = this.#block(id, place, at);
        if (this.#holders.letGo(block, place)) this.#step(at, { kind: 'drop', block, place });
        return;
      }
      case 'branch':
        this.#step(event.at, { kind: 'branch', condition: event.condition, taken: event.taken });
        this.#note('branch', event.at, `${event.condition} is ${event.taken ? 'true' : 'false'}`);
        return;
      case 'enter':
      case 'leave':
        this.#step(event.at, { kind: event.kind, function: event.function });
        if (event.kind === 'enter') this.#note('enter', event.at, `calls ${event.function}()`);
        return;
      case 'thread-state':
        this.#step(event.at, { kind: 'thread-state', attached: event.attached });
        this.#note('thread', event.at, threadText(event));
    }
  }

  /** The step at which it goes wrong; gives its index. */
  fault(event: Reported): number {
    const { at } = event;
    if (event.kind === 'leak') return this.#lose(event.subject.id, event.loss);
    if (event.kind === 'silent-failure') {
      const block = this.#block(event.subject.id, event.allocation.pointer, at);
      this.#step(at, { kind: 'return', block, place: event.returned });
      this.#note('return', at, `${event.returned} is returned, and no exception is set`);
      return this.steps.length - 1;
    }
    // The allocation itself, which the path ends with.
    if (event.kind === 'allocation') return this.steps.length - 1;
    if (event.kind === 'size-overflow') return this.#wrap(event);
    if (isUse(event)) {
      const chosen: Size = { bytes: 0, source: null, chosen: true };
      this.#step(at, {
        kind: 'how' in event && event.how === 'write' ? 'write' : 'read',
        block: this.#block(event.subject.id, event.pointer, at),
        pointer: event.pointer,
        offset: chosen,
        size: { ...chosen, bytes: 8 },
      });
      this.#note('use', at, `${quoted(event.pointer)} ${useText(event)}`);
      return this.steps.length - 1;
    }
    const subject = subjectOf(event);
    const release = releaseOf(event)!;
    const isInside = release.through.length > 0 && release.at.line !== at.line;
    if (isInside && !this.#isEntered(release.through[0]!)) {
      this.#step(at, { kind: 'enter', function: release.through[0]! });
      this.#note('enter', at, `calls ${release.through[0]!}()`);
    }
    if (subject === null) {
      if (event.kind === 'detached-call') this.#allocateDetached(event.call);
    } else if (release.isRealloc) {
      this.#step(release.at, {
        kind: 'realloc',
        block: this.#block(subject.id, release.pointer, at),
        into: `${this.#block(subject.id, release.pointer, at)} resized`,
        pointer: release.pointer,
        api: release.api,
        family: release.family ?? 'libc',
        size: (event.kind === 'detached-call' ? event.call.size : event.size) ?? RESIZED,
        outcome: 'ok',
      });
    } else {
      this.#free(subject.id, release, offsetOf(subject));
    }
    if (event.kind === 'detached-call') {
      this.#note('use', release.at, `${calledAs(release)} runs without a thread state`);
    } else {
      this.#note(
        'free',
        release.at,
        `${quoted(release.pointer)} is ${release.isRealloc ? 'resized' : 'released'} by ${calledAs(release)}`,
      );
    }
    const index = this.steps.length - 1;
    if (isInside && event.kind === 'detached-call') {
      this.#step(at, { kind: 'leave', function: release.through[0]! });
      this.#note('leave', at, `this call does so while the thread state is detached`);
    } else if (isInside) {
      this.#step(at, { kind: 'leave', function: release.through[0]! });
      const again = subject?.freedBy == null ? '' : ' again';
      const does = release.isRealloc ? 'resizes' : 'releases';
      this.#note('leave', at, `this call ${does} ${quoted(release.pointer)}${again}`);
    }
    return index;
  }

  #allocateDetached({ row, use, pointer, size, at }: HeapCall): void {
    this.#allocate('detached', at, {
      pointer: pointer === '' ? 'result' : pointer,
      api: row.name,
      family: replayFamily(row, use),
      size: use === 'creates' ? OBJECT : size,
      zeroed: row.zeroed,
    });
  }

  /** The block is as small as the wrapped size; the code takes it to be as large as it asked for. */
  #wrap({ allocation, size, wrap, at }: Reported & { kind: 'size-overflow' }): number {
    const id = 'wrapped';
    const unit = wrap.source.unit === null ? wrap.source.name : `the "${wrap.source.unit}" unit`;
    this.#note('assign', wrap.at, `${unit} gives any number that Python code chooses`);
    this.#allocate(id, at, {
      ...allocation,
      size: { bytes: wrap.bytes, source: size, chosen: true },
    });
    const chosen: Size = { bytes: 0, source: null, chosen: true };
    const needed: Size = { bytes: 4 * wrap.bytes, source: null, chosen: true };
    const block = this.#block(id, allocation.pointer, at);
    this.#step(at, { kind: 'write', block, pointer: size, offset: chosen, size: needed });
    const example = wrap.number === null ? 'Large numbers' : `${wrap.number}`;
    this.#note('alloc', at, `${example} in ${size}: only ${wrap.bytes} bytes are allocated`);
    return this.steps.length - 1;
  }

  /** The holders that are left let go, all at once. */
  #lose(id: Id, loss: Loss): number {
    const block = this.#block(id, loss.place, loss.at);
    for (const place of this.#holders.of(block))
      this.#step(loss.at, { kind: 'drop', block, place });
    this.#note('lost', loss.at, lossText(loss));
    return this.steps.length - 1;
  }

  /** Whether the last call that was entered is this one. */
  #isEntered(name: string): boolean {
    const last = this.steps.findLast((s) => s.kind === 'enter' || s.kind === 'leave');
    return last?.kind === 'enter' && last.function === name;
  }

  #allocate(
    id: Id,
    at: Span,
    made: { pointer: string; api: string; family: Family; size: Size; zeroed: boolean },
  ): void {
    const { pointer, api, family, size, zeroed } = made;
    const block = this.#newBlock(id, pointer, at);
    this.#holders.hold(block, pointer);
    this.#step(at, {
      kind: 'alloc',
      block,
      pointer,
      api,
      family,
      size,
      zeroed,
      outcome: id === this.#failed ? 'null' : 'ok',
    });
  }

  #realloc(id: Id, into: Id | null, release: Release, allocation: Allocation): void {
    const block = this.#block(id, release.pointer, release.at);
    const result = into === null ? block : this.#newBlock(into, allocation.pointer, allocation.at);
    // What the call returns is held by what it is assigned to; the old name keeps the old pointer.
    const pointer = into === null ? release.pointer : allocation.pointer;
    if (into !== null) this.#holders.hold(result, pointer);
    this.#step(release.at, {
      kind: 'realloc',
      block,
      into: result,
      pointer,
      api: release.api,
      family: release.family ?? 'libc',
      size: allocation.size,
      outcome: into === null ? 'null' : 'ok',
    });
  }

  #free(id: Id, release: Release, offset: number): void {
    this.#step(release.at, {
      kind: 'free',
      block: this.#block(id, release.pointer, release.at),
      pointer: release.pointer,
      api: release.api,
      family: release.family ?? 'libc',
      offset,
    });
  }

  #block(id: Id, pointer: string, at: Span): string {
    return this.#blocks.get(id) ?? this.#newBlock(id, pointer, at);
  }

  #newBlock(id: Id, pointer: string, at: Span): string {
    const file = at.file.replace(/^.*[/\\]/, '');
    const base = `${pointer === '' ? 'block' : pointer}@${file}:${at.line}`;
    let name = base;
    const taken = new Set(this.#blocks.values());
    for (let n = 2; taken.has(name); n++) name = `${base} (${n})`;
    this.#blocks.set(id, name);
    return name;
  }

  #step(at: Span, kind: StepKind): void {
    this.#notes.follow(kind.kind);
    this.steps.push({ at, text: this.#lineOf(at), ...kind });
  }

  #note(kind: PathNote['kind'], at: Span, message: string): void {
    this.#notes.add(kind, at, message);
  }
}

/** What kind of memory it is, after "is". */
export function storageText(storage: Storage): string {
  switch (storage) {
    case 'stack':
      return 'memory of the stack frame';
    case 'static':
      return 'a static variable';
    case 'literal':
      return 'a string literal';
  }
}

export function quoted(pointer: string): string {
  return pointer === '' ? 'the block' : `'${pointer}'`;
}

/** `XFREE -> PyMem_Free` for a call that a macro or helper hides. */
export function calledAs(release: Release): string {
  const family = release.family === null ? '' : ` (${familyFacts(release.family).label})`;
  const through = release.through.length > 0 ? ` through ${release.through.join(', ')}` : '';
  return `${release.api}${through}${family}`;
}
