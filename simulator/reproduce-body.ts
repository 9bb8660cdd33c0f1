// The steps of a flagged path, and the innocent code after it, as the body of a C function. Calls are those
// of the heap that serves each family, in the order of the path, each under the line it stands for.
import { deedsOf, type Deed, type Wanted } from './aftermath.ts';
import type { Family, Heap } from './families.ts';
import type { BlockId, FlaggedPath, Step } from './flagged-path.ts';
import { heapOf, releaseHeap } from './modelled-heap.ts';
import { fullSize, kindsOf } from './neighbors.ts';
import { placeText } from './place-text.ts';
import { stepText } from './step-text.ts';
import { nextLetter, type TrackedBlock } from './tracked-block.ts';
import { isObjectFamily } from './world.ts';

const HEAP_NAMES: Readonly<Record<Heap, string>> = {
  libc: 'LIBC',
  raw: 'RAW',
  mem: 'MEM',
  obj: 'OBJ',
  gc: 'GC',
};

interface Binding {
  readonly name: string;
  readonly letter: string;
  readonly heap: Heap | null;
  readonly family: Family;
  readonly size: number;
  readonly api: string;
}

/** `subject`: the block whose fate the aftermath is about; null: there is none. */
export function functionText(
  name: string,
  path: FlaggedPath,
  subject: TrackedBlock | null,
): string {
  const body = new Body(path);
  body.surround();
  for (const [index, step] of path.steps.entries()) body.step(step, index);
  body.aftermath(subject);
  return `static void ${name}(void)\n{\n${body.text()}}\n`;
}

class Body {
  readonly #path: FlaggedPath;
  readonly #declared: string[] = [];
  readonly #types = new Set<string>();
  readonly #lines: string[] = [];
  readonly #bound = new Map<BlockId, Binding>();
  readonly #neighbors: TrackedBlock[] = [];
  readonly #written: ReadonlySet<BlockId>;
  /** Stand in for the world's list, where letters come from. */
  #made: { readonly owner: 'path' }[] = [];
  #hasThreadState = false;
  #isDetached = false;

  constructor(path: FlaggedPath) {
    this.#path = path;
    this.#written = new Set(
      path.steps.flatMap((step) => (step.kind === 'write' ? [step.block] : [])),
    );
  }

  text(): string {
    const declared = this.#hasThreadState
      ? [...this.#declared, 'PyThreadState *saved = NULL;']
      : this.#declared;
    return [
      ...declared.map((line) => `    ${line}\n`),
      declared.length > 0 ? '\n' : '',
      ...[...this.#types].map((call) => `    ${call}\n`),
      ...this.#lines.map((line) => (line === '' ? '\n' : `    ${line}\n`)),
    ].join('');
  }

  surround(): void {
    for (const kind of kindsOf(this.#path)) {
      const isObject = isObjectFamily(kind.family);
      const size = isObject ? Math.max(kind.size, 16) : kind.size;
      const letters = [0, 1].map(() => this.#neighbor(kind, size));
      const [before = '', after = ''] = letters;
      this.#typeFor(kind.heap, kind.family, size);
      const full = alike((hooked) => fullSize({ ...kind, size }, hooked));
      const heap = HEAP_NAMES[kind.heap];
      this.#lines.push(
        `surround(${heap}, ${isObject ? 1 : 0}, ${size}, ${full}, "${before}${after}", &${before}, &${after});`,
      );
    }
  }

  step(step: Step, index: number): void {
    const flagged = index === this.#path.fault;
    const comment = commentText(step);
    this.#lines.push('', comment);
    if (flagged) this.#lines.push('say("flagged\\n");');
    this.#lines.push(...this.#calls(step));
    if (flagged) this.#lines.push('say("passed\\n");');
  }

  aftermath(subject: TrackedBlock | null): void {
    if (this.#isDetached) this.#lines.push('', 'PyEval_RestoreThread(saved);');
    if (subject !== null) {
      this.#lines.push('', '/* What goes on afterwards is innocent. */');
      const [plain, hooked] = [false, true].map((isHooked) =>
        deedsOf(subject, this.#neighbors, isHooked),
      );
      for (const [index, deed] of (plain ?? []).entries())
        this.#lines.push(...this.#deed(deed, hooked?.[index] ?? deed));
    }
    this.#lines.push('', 'say("done\\n");');
  }

  #calls(step: Step): readonly string[] {
    switch (step.kind) {
      case 'alloc':
        return this.#alloc(step);
      case 'place':
        return this.#place(step);
      case 'realloc':
        return this.#realloc(step);
      case 'free':
        return this.#free(step);
      case 'read':
      case 'write': {
        const block = this.#bound.get(step.block);
        if (block === undefined || block.heap === null) return [];
        const range = `${block.name}, ${step.offset.bytes}, ${Math.max(0, step.size.bytes)}`;
        return [step.kind === 'read' ? `look(${range});` : `fill(${range}, '${block.letter}');`];
      }
      case 'thread-state':
        this.#hasThreadState = true;
        this.#isDetached = !step.attached;
        return step.attached
          ? ['if (saved != NULL)', '    PyEval_RestoreThread(saved);', 'saved = NULL;']
          : ['saved = PyEval_SaveThread();'];
      case 'enter':
      case 'leave':
      case 'branch':
      case 'assign':
      case 'escape':
      case 'return':
      case 'drop':
        return [];
    }
  }

  #alloc(step: Extract<Step, { kind: 'alloc' }>): readonly string[] {
    const heap = heapOf(step.family);
    const isObject = isObjectFamily(step.family);
    const size = isObject ? Math.max(step.size.bytes, 16) : step.size.bytes;
    const block = this.#bind(step.block, { heap, family: step.family, size, api: step.api });
    const none = (why: string): readonly string[] => [
      `${block.name} = NULL; /* ${why} */`,
      `(void)${block.name};`,
    ];
    if (heap === null) return none('of a library that is not reproduced');
    if (step.outcome === 'null') return none('on this path it fails');
    const isFilled = !isObject && !step.zeroed && size > 0 && !this.#written.has(step.block);
    return [...this.#take(block, step.zeroed), ...(isFilled ? [filled(block, 0)] : [])];
  }

  #take({ name, heap, family, size, letter }: Binding, zeroed: boolean): readonly string[] {
    if (heap === null) return [];
    const of = HEAP_NAMES[heap];
    this.#typeFor(heap, family, size);
    const call = isObjectFamily(family)
      ? `take_object(${of}, ${size})`
      : `take(${of}, ${size}, ${zeroed ? 1 : 0})`;
    return [`${name} = ${call};`, `watch('${letter}', ${of}, ${name}, ${size});`];
  }

  #place(step: Extract<Step, { kind: 'place' }>): readonly string[] {
    const size = Math.max(1, Math.min(step.size.bytes, 512));
    const family = step.region;
    const block = this.#bind(step.block, { heap: null, family, size, api: step.region });
    const storage = step.region === 'static' ? 'static ' : '';
    // The word before it, which a release would take for a size, is zero.
    this.#declared.push(
      `${storage}struct { char before[64]; char bytes[${size}]; } __attribute__((aligned(16))) in_${block.name};`,
    );
    return [
      `memset(&in_${block.name}, 0, sizeof in_${block.name});`,
      `${block.name} = in_${block.name}.bytes;`,
      filled(block, 0),
    ];
  }

  #realloc(step: Extract<Step, { kind: 'realloc' }>): readonly string[] {
    const heap = heapOf(step.family);
    if (step.outcome === 'null' || heap === null) return [];
    const old = this.#bound.get(step.block);
    const facts = { heap, family: step.family, size: step.size.bytes, api: step.api };
    const block = this.#bind(step.into, facts);
    if (old === undefined) return [...this.#take(block, false), filled(block, 0)];
    return [
      `unwatch('${old.letter}', ${old.name});`,
      `${block.name} = resize(${HEAP_NAMES[heap]}, ${old.name}, ${step.size.bytes});`,
      `watch('${block.letter}', ${HEAP_NAMES[heap]}, ${block.name}, ${step.size.bytes});`,
    ];
  }

  #free(step: Extract<Step, { kind: 'free' }>): readonly string[] {
    const block = this.#bound.get(step.block);
    if (block === undefined) return [];
    const heap = releaseHeap(step.family, block.family);
    if (heap === null) return [];
    const pointer = step.offset === 0 ? block.name : `(char *)${block.name} + ${step.offset}`;
    return [`unwatch('${block.letter}', ${block.name});`, `give(${HEAP_NAMES[heap]}, ${pointer});`];
  }

  #deed(plain: Deed, hooked: Deed): readonly string[] {
    switch (plain.kind) {
      case 'allocate':
        return this.#later(plain, hooked.kind === 'allocate' ? hooked : plain);
      case 'give up': {
        const { letter, heap, family } = plain.neighbor;
        if (heap === null) return [];
        const isObject = isObjectFamily(family) ? 1 : 0;
        return [`give_up(${HEAP_NAMES[heap]}, ${isObject}, '${letter}', ${letter});`];
      }
      case 'release': {
        const block = this.#bound.get(plain.id);
        if (block === undefined || block.heap === null) return [];
        return [
          `unwatch('${block.letter}', ${block.name});`,
          `give(${HEAP_NAMES[block.heap]}, ${block.name});`,
        ];
      }
    }
  }

  #later(plain: Wanted & { readonly id: string }, hooked: Wanted): readonly string[] {
    const number = plain.id.replace('later ', '');
    const name = `later_${number}`;
    const letter = number === 'large' ? '7' : number;
    const isObject = isObjectFamily(plain.family);
    const least = isObject ? 16 : 0;
    const bytes = (isHooked: boolean): number => Math.max(least, (isHooked ? hooked : plain).size);
    const size = alike(bytes);
    const content = alike((isHooked) => bytes(isHooked) - least);
    const heap = HEAP_NAMES[plain.heap];
    this.#declared.push(`void *${name};`);
    this.#typeFor(plain.heap, plain.family, size);
    this.#bound.set(plain.id, { ...plain, name, letter });
    return [
      isObject
        ? `${name} = take_object(${heap}, ${size});`
        : `${name} = take(${heap}, ${size}, 0);`,
      `watch('${letter}', ${heap}, ${name}, ${size});`,
      `fill(${name}, ${least}, ${content}, '${letter}');`,
    ];
  }

  #bind(id: BlockId, facts: Omit<Binding, 'name' | 'letter'>): Binding {
    const letter = nextLetter(this.#made, 'path');
    this.#made = [...this.#made, { owner: 'path' }];
    const block = { ...facts, letter, name: `block_${this.#made.length}` };
    this.#declared.push(`void *${block.name};`);
    this.#bound.set(id, block);
    return block;
  }

  #neighbor(kind: Omit<Wanted, 'size'>, size: number): string {
    const letter = nextLetter(this.#neighbors, 'neighbor');
    const facts = { id: letter, letter, address: 0, site: null, holders: [] } as const;
    const lifecycle = { kind: 'live' } as const;
    const { api, family, heap } = kind;
    this.#neighbors.push({ ...facts, api, family, heap, size, lifecycle, owner: 'neighbor' });
    this.#declared.push(`void *${letter};`);
    return letter;
  }

  /** PyType_Ready allocates; it must not do so between the blocks. */
  #typeFor(heap: Heap, family: Family, size: number | string): void {
    if (isObjectFamily(family)) this.#types.add(`type_for(${size}, ${heap === 'gc' ? 1 : 0});`);
  }
}

/** A number, or a choice between two. */
function alike(of: (hooked: boolean) => number): string {
  const [plain, hooked] = [of(false), of(true)];
  return plain === hooked ? String(plain) : `(hooked() ? ${hooked} : ${plain})`;
}

function filled({ name, size, letter }: Binding, offset: number): string {
  return `if (${name} != NULL)\n        fill(${name}, ${offset}, ${size}, '${letter}');`;
}

function commentText(step: Step): string {
  return `/* ${inComment(`${placeText(step.at)}: ${stepText(step)}`)} */`;
}

/** Cannot end a comment or start another, and stays on its line. */
export function inComment(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *');
}
