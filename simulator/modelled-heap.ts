// Which simulated heap serves a family. Families without a heap of their own are replayed on malloc where
// the library that owns them is known to use it, and are otherwise not modelled.
import { familyFacts, type Family, type Heap } from './families.ts';

/** Libraries that take these blocks from malloc and hand out the pointer as it is. */
const ON_MALLOC: readonly Family[] = [
  'libc-stdio',
  'py-file',
  'libc-addrinfo',
  'libc-ifaddrs',
  'libc-ifname',
  'libc-popen',
  'libc-dir',
  'openssl-bn',
  'openssl-mdctx',
  'openssl-cipherctx',
  'curl-slist',
  'expat-parser',
  'expat-mem',
  'expat-content',
  'xml-doc',
  'glib-strv',
  'zstd-cctx',
  'zstd-dctx',
  'zstd-cdict',
  'zstd-ddict',
  'zstd-cstream',
  'zstd-dstream',
];

/** null: not modelled. */
export function heapOf(family: Family): Heap | null {
  return familyFacts(family).heap ?? (ON_MALLOC.includes(family) ? 'libc' : null);
}

/** True: replayed on malloc because its own library does so, which a reader should know. */
export function isStandIn(family: Family): boolean {
  return familyFacts(family).heap === null && ON_MALLOC.includes(family);
}

/**
 * Whether a release of family `by` is meant for blocks of family `of`. Families in one CPython raw domain
 * are names for the same functions; a reference count that drops to zero ends in the type's own release.
 */
export function releases(by: Family, of: Family): boolean {
  if (by === of) return true;
  if (familyFacts(by).heap === 'raw' && familyFacts(of).heap === 'raw') return true;
  if (of === 'py-object-instance') return by === 'py-object';
  return of === 'py-gc-object' && by === 'py-object-instance';
}

/** The heap a release really reaches: a dropped reference ends in the release of the object's own type. */
export function releaseHeap(by: Family, of: Family): Heap | null {
  return by === 'py-object-instance' && of === 'py-gc-object' ? heapOf(of) : heapOf(by);
}
