// Which calls use the Python memory manager, and how: what they do to a heap that may only be touched
// with an attached thread state. Reading an object, or asking it something, is not such a use.
import { type Family, familyFacts } from '../../simulator/families.ts';
import { apiRow, type ApiRow } from './row.ts';

/**
 * allocates, resizes, releases: the block itself, each time. creates: returns or stores an object, new
 * unless one can be shared. drops: gives a reference back, and releases the object with the last one.
 */
export type HeapUse = 'allocates' | 'resizes' | 'releases' | 'creates' | 'drops';

/** null: none, or none that needs a thread state. */
export function heapUseOf(row: ApiRow): HeapUse | null {
  if (!row.requiresThreadState) return null;
  switch (row.role) {
    case 'alloc':
    case 'object-alloc':
      return isPython(row.family) ? 'allocates' : null;
    case 'realloc':
      return isPython(row.family) ? 'resizes' : null;
    case 'free':
    case 'object-free':
      return isPython(row.family) ? 'releases' : null;
    case 'owned-result':
    case 'out-param-owned':
      if (row.family === 'py-object-instance') return 'creates';
      return isPython(row.family) ? 'allocates' : null;
    case 'new-reference':
    case 'keeps-pointer':
      return row.family === 'py-object-instance' ? 'creates' : null;
    // A text becomes a str or bytes object; an error an exception.
    case 'copies-input':
    case 'returns-null':
    case 'sets-memoryerror':
      return 'creates';
    case 'refcount-dec':
    case 'buffer-release':
      return 'drops';
    default:
      return null;
  }
}

const PYTHON: ReadonlySet<Family> = new Set([
  'py-mem',
  'py-object',
  'py-object-instance',
  'py-gc-object',
  'py-writer',
] as const);

function isPython(family: Family | null): boolean {
  return family !== null && PYTHON.has(family);
}

/** The function of the raw domain that does the same without a thread state; null: there is none. */
export function rawAlternative(row: ApiRow): string | null {
  const name = row.name.replace(/^Py(?:Mem|Object)_/, 'PyMem_Raw');
  return apiRow(name)?.role === row.role ? name : null;
}

/** The family that stands for the block in a replay: a writer's buffer is a block of the PyMem domain. */
export function replayFamily(row: ApiRow, use: HeapUse): Family {
  if (use === 'creates' || use === 'drops') return 'py-object-instance';
  const { family } = row;
  return family === null || familyFacts(family).heap === null ? 'py-mem' : family;
}

/**
 * The function that does for Python's memory what `row` does for the C library's: of the PyMem domain with
 * a thread state, else of the raw domain. null: there is none.
 */
export function trackedAlternative(
  row: ApiRow,
  thread: 'attached' | 'detached' | 'unknown',
): ApiRow | null {
  if (row.family !== 'libc' || row.role !== 'alloc') return null;
  const isCopy = row.sizeArgs.some(({ meaning }) => meaning.endsWith('string'));
  // A copy of a text has no twin: memory for it, and the copying.
  const operation = isCopy ? 'Malloc' : row.name.charAt(0).toUpperCase() + row.name.slice(1);
  const domain = thread === 'attached' ? 'PyMem_' : 'PyMem_Raw';
  const found = apiRow(domain + operation);
  return found?.role === row.role ? found : null;
}

/** The function of the PyMem domain that does the same; null: there is none. */
export function bufferAlternative(row: ApiRow): string | null {
  const name = row.name.replace(/^PyObject_/, 'PyMem_');
  return apiRow(name)?.role === row.role ? name : null;
}
