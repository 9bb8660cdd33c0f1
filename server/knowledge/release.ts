// Which calls may release a block: by the names that the allocating function lists, then by family.
import { familyFacts, type Family } from '../../simulator/families.ts';
import { allRows, apiRow, type ApiRow } from './row.ts';

export interface Made {
  readonly row: ApiRow;
  readonly family: Family;
}

/** Families of which the caller owns a struct, not a block: opening and closing moves no pointer. */
const IN_PLACE: ReadonlySet<Family> = new Set([
  'py-buffer',
  'py-config',
  'libc-glob',
  'libc-wordexp',
  'libc-regex',
  'zlib-deflate',
  'zlib-inflate',
  'py-arena',
  'py-symtable',
  'numpy-string',
  'stack',
] as const);

export function isInPlace(family: Family): boolean {
  return IN_PLACE.has(family);
}

/** Memory that goes with the stack frame. */
export function isOnStack(family: Family | null): boolean {
  return family === 'stack';
}

/** Memory that belongs to a Python object, whatever allocated it. */
export function isObjectFamily(family: Family | null): boolean {
  return family === 'py-object-instance' || family === 'py-gc-object';
}

/** Whole pages, which are given back in parts. */
const MAPPINGS: ReadonlySet<Family> = new Set(['libc-mmap', 'win-virtual', 'win-map'] as const);

let blockFamilies: ReadonlySet<Family> | null = null;

/** The family is one of blocks of any size, not of handles, mappings, or what a library opens. */
export function isOfBlocks(family: Family): boolean {
  if (familyFacts(family).heap !== null) return true;
  if (MAPPINGS.has(family)) return false;
  blockFamilies ??= new Set(
    allRows().flatMap(({ role, family: of, sizeArgs }) =>
      role === 'alloc' && of !== null && sizeArgs.length > 0 ? [of] : [],
    ),
  );
  return blockFamilies.has(family);
}

/** What a library opens, and gives a pointer to. */
export function isHandle(family: Family): boolean {
  return !isOfBlocks(family) && !isInPlace(family) && !MAPPINGS.has(family);
}

/** Whether `release` may be called on a block that `made` allocated. */
export function mayRelease(made: Made, release: ApiRow): boolean {
  const names = release.role === 'realloc' ? made.row.reallocWith : made.row.releasesWith;
  if (names.includes(release.name)) return true;
  if (release.aliasOf !== null && names.includes(release.aliasOf)) return true;
  const base = release.aliasOf === null ? undefined : apiRow(release.aliasOf);
  const family = release.family ?? base?.family ?? null;
  if (family === null) return true;
  if (release.notFor.includes(made.family)) return false;
  // Whether tp_alloc made a collected object depends on the type.
  if (Object.keys(made.row.familyIf).length > 0 && isObjectRelease(release)) return true;
  if (family === made.family) return true;
  if (isObjectFamily(made.family)) return names.length === 0;
  if (release.alsoFrees.includes(made.family)) return !isObjectFamily(made.family);
  return areCompatible(made, { row: release, family });
}

/** The release functions of objects: tp_free, PyObject_Free, PyObject_GC_Del and their aliases. */
export function isObjectRelease(release: ApiRow): boolean {
  return isObjectFamily(release.family) || release.family === 'py-object';
}

function areCompatible(a: Made, b: Made): boolean {
  if (a.row.compatibleFamilies.includes(b.family) || b.row.compatibleFamilies.includes(a.family)) {
    return true;
  }
  // Two names of one allocator: both are compatible with a third.
  return a.row.compatibleFamilies.some((family) => b.row.compatibleFamilies.includes(family));
}

/** The function of the same family that checks the product it is given; null: none. */
export function checkedAllocation({ row, family }: Made): string | null {
  const checked = allRows().find(
    (other) => other.overflowChecked && other.family === family && other.role === row.role,
  );
  return checked?.name ?? null;
}

/** The function to name in a message: the family's usual release, else the first that is listed. */
export function preferredRelease(made: Made): string | null {
  const names = made.row.releasesWith;
  if (made.row.role === 'object-alloc') {
    // What gives up a half-built object, or ends its tp_dealloc: neither runs its destructor again.
    const memory = names.find(
      (name) => apiRow(name)?.role === 'free' && apiRow(name)?.kind === 'function',
    );
    if (memory !== undefined) return memory;
  }
  const usual = familyFacts(made.family).release;
  if (usual !== null && names.includes(usual)) return usual;
  return names[0] ?? usual;
}
