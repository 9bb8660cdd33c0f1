// Random op scripts for fast-check. A script is a list of small random choices; what they mean is settled
// when it is rendered, so that any shrunk list is a script too.
import { type Arbitrary, array, nat, noBias, option, subarray, tuple } from 'fast-check';

/** clean: every block goes back where it came from. mixed: a quarter of the calls are of another family.
 * corrupt: also double frees, overflows, forged headers. bins: forged links in freed libc chunks. */
export type Profile = 'clean' | 'mixed' | 'corrupt' | 'bins';

export const PROFILES: readonly Profile[] = ['clean', 'mixed', 'corrupt', 'bins'];

const SIZES: readonly number[] = [
  1, 8, 16, 24, 25, 32, 40, 48, 56, 64, 72, 88, 100, 104, 120, 121, 128, 136, 200, 256, 300, 400,
  488, 489, 496, 500, 512, 513, 600, 700, 1000, 1008, 1024, 1032, 1033, 1040, 1100, 2000, 3000,
  4096, 5000, 9000, 20000, 33000, 65000, 65512, 65528, 70000, 100000, 131000, 131048, 131072,
  140000, 200000, 300000,
];
const BIN_SIZES: readonly number[] = [
  24, 40, 100, 120, 136, 200, 600, 1000, 1100, 1200, 2000, 3000, 5000,
];

interface Family {
  readonly alloc: readonly string[];
  readonly free: string;
  /** null: the family has no resizing that the scripts use. */
  readonly realloc: string | null;
}

/** With their alignments. */
const ALIGNED: readonly string[] = ['memalign 64', 'aligned_alloc 256', 'posix_memalign 4096'];

const LIBC: Family = {
  alloc: ['malloc', 'calloc', 'strdup', ...ALIGNED],
  free: 'free',
  realloc: 'realloc',
};
const GC: Family = { alloc: ['PyObject_GC_New'], free: 'PyObject_GC_Del', realloc: null };
const FAMILIES: readonly Family[] = [
  LIBC,
  {
    alloc: ['PyMem_RawMalloc', 'PyMem_RawCalloc'],
    free: 'PyMem_RawFree',
    realloc: 'PyMem_RawRealloc',
  },
  { alloc: ['PyMem_Malloc', 'PyMem_Calloc'], free: 'PyMem_Free', realloc: 'PyMem_Realloc' },
  {
    alloc: ['PyObject_Malloc', 'PyObject_Calloc', 'PyObject_New'],
    free: 'PyObject_Free',
    realloc: 'PyObject_Realloc',
  },
];

/** Six random numbers; which ones an op uses depends on the first. */
type Choice = readonly [number, number, number, number, number, number];

const RANGE = 2 ** 20;

export function scripts(profile: Profile, { gc }: { readonly gc: boolean }): Arbitrary<string[]> {
  const roll = noBias(nat(RANGE - 1));
  const choice = tuple(roll, roll, roll, roll, roll, roll);
  const maxLength = profile === 'clean' ? 250 : 90;
  const ops = noBias(array(choice, { minLength: 6, maxLength, size: 'max' }));
  const sizes = profile === 'bins' ? BIN_SIZES : SIZES;
  const palette = option(noBias(subarray([...sizes], { minLength: 1, maxLength: 5 })));
  return tuple(ops, palette).map(([choices, few]) =>
    new Script(profile, gc, few ?? sizes).render(choices),
  );
}

interface Block {
  readonly slot: string;
  readonly family: Family;
  readonly size: number;
}

class Script {
  readonly #lines: string[] = [];
  readonly #live: Block[] = [];
  readonly #dead: Block[] = [];
  readonly #families: readonly Family[];
  readonly #misuse: number;
  #slots = 0;

  constructor(
    readonly profile: Profile,
    gc: boolean,
    readonly sizes: readonly number[],
  ) {
    const all = gc ? [...FAMILIES, GC] : FAMILIES;
    this.#families = profile === 'bins' ? [LIBC] : all;
    this.#misuse = { clean: 0, mixed: 0.25, corrupt: 0.15, bins: 0 }[profile];
  }

  render(choices: readonly Choice[]): string[] {
    for (const choice of choices) this.#op(choice);
    return this.#lines;
  }

  #op(choice: Choice): void {
    const kind = choice[0] / RANGE;
    if (kind < 0.5 || this.#live.length === 0) this.#alloc(choice);
    else if (kind < 0.8) this.#free(choice);
    else if (kind < 0.88) this.#realloc(choice);
    else if (kind > 0.995) this.#lines.push('malloc_trim NULL 4096');
    else if (this.profile === 'corrupt' || this.profile === 'bins') this.#corrupt(choice);
  }

  #alloc([, a, b, c, d, e]: Choice): void {
    const family = pick(this.#families, a);
    const api = pick(family.alloc, b);
    const isObject = api === 'PyObject_New' || api === 'PyObject_GC_New';
    const size = Math.max(isObject ? 16 : 1, this.#size(c));
    const slot = this.#slot();
    this.#lines.push(`${slot} = ${api} ${size}`);
    this.#live.push({ slot, family, size });
    if (d % 2 === 0 && !isObject)
      this.#lines.push(`write ${slot} 0 ${size} ${pick([0, 0x41, 0x44, 0xff, 0x5a, 0x22], e)}`);
    else if (d % 4 === 1) this.#lines.push(`sum ${slot} -16 ${size + 16}`);
  }

  #free([, a, b, c]: Choice): void {
    const [block] = this.#live.splice(a % this.#live.length, 1);
    if (block === undefined) return;
    if (b % 4 === 0) this.#lines.push(`sum ${block.slot} -16 ${block.size + 16}`);
    this.#lines.push(`${this.#other(block.family, b, c).free} ${block.slot}`);
    this.#dead.push(block);
  }

  #realloc([, a, b, c, d]: Choice): void {
    const index = a % this.#live.length;
    const block = this.#live[index];
    if (block === undefined) return;
    const { realloc } = this.#other(block.family, b, c);
    if (realloc === null || block.family.realloc === null) return;
    const slot = this.#slot();
    const size = this.#size(d);
    this.#lines.push(`${slot} = ${realloc} ${block.slot} ${size}`);
    this.#live[index] = { slot, family: block.family, size };
    if (c % 2 === 0) this.#lines.push(`sum ${slot} -16 ${size + 16}`);
  }

  #corrupt([, a, b, c, d, e]: Choice): void {
    const { slot, family, size } = pick([...this.#live, ...this.#dead], a);
    const end = Math.ceil(size / 8) * 8;
    const way = b % 20;
    if (way < 4 && this.#dead.length > 0) {
      const dead = pick(this.#dead, c);
      this.#lines.push(`${dead.family === GC ? 'PyObject_Free' : dead.family.free} ${dead.slot}`);
    } else if (way < 7) {
      const length = pick([5, 12, 16, 20, 24, 32], c);
      this.#lines.push(
        `write ${slot} ${Math.max(0, size - 4)} ${length} ${pick([0, 0x41, 0x21, 0xff], d)}`,
      );
    } else if (way < 12) {
      const offset = pick([-8, -16, 0, 8, 16, 24, end, end + 8], c);
      this.#lines.push(`poke ${slot} ${offset} ${pick(FORGED, d)}`);
    } else if (way < 15) {
      const alias = this.#slot();
      this.#lines.push(`${alias} = at ${slot} ${pick([8, 16, 32, -16, 48, 4], c)}`);
      this.#live.push({ slot: alias, family, size: Math.max(1, size - 16) });
    } else if (way < 18) {
      const offset = pick([0, 8, 16, 24, -16, -8], c);
      this.#lines.push(
        `write ${slot} ${offset} ${pick([8, 16, 24], d)} ${pick([0, 0x41, 0x10], e)}`,
      );
    } else {
      // A link that stays inside the same page: the low bytes of a pointer.
      this.#lines.push(`write ${slot} ${pick([0, 8], c)} 1 ${pick([0, 0x10, 0x40, 0xc0], d)}`);
    }
  }

  #other(family: Family, roll: number, choice: number): Family {
    return roll / RANGE < this.#misuse ? pick(this.#families, choice) : family;
  }

  #size(roll: number): number {
    return roll % 5 === 0 && this.sizes === SIZES
      ? 1 + (roll % 700)
      : pick(this.sizes, Math.floor(roll / 5));
  }

  #slot(): string {
    return `v${this.#slots++}`;
  }
}

/** Size words, small integers and links that a broken program might leave in a header. */
const FORGED: readonly string[] = [
  '0',
  '1',
  '2',
  '8',
  '16',
  '0x21',
  '0x31',
  '0x41',
  '0x51',
  '0x71',
  '0x91',
  '0xd1',
  '0x110',
  '0x111',
  '0x411',
  '0x421',
  '0x7e1',
  '0x22',
  '0x25',
  '0x1002',
  '0x1230',
  '0x20d51',
  '-1',
];

function pick<T>(values: readonly T[], roll: number): T {
  const value = values[roll % values.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
