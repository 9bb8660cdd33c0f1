// The byte that a debug report names as the API of a block: one of CPython's domains, or the trace of what
// really lies before the pointer. Follows CPython 3.11 Objects/obmalloc.c and glibc 2.36 malloc/malloc.c.

const DOMAINS: Readonly<Record<string, string>> = {
  r: "'r' is the raw domain (PyMem_RawMalloc).",
  m: "'m' is the mem domain (PyMem_Malloc, PyMem_New).",
  o: "'o' is the object domain (PyObject_Malloc, PyObject_New, and the collector's objects).",
};

/** `id`: as printed: one character, `\xdd`, or nothing for a NUL that was lost on the way. */
export function describeApiId(id: string): string {
  const domain = DOMAINS[id];
  if (domain !== undefined) return domain;
  const byte = byteOf(id);
  const shown = `'${id}'`;
  if (byte === null) return `${shown} is no domain; the byte was changed on its way into the log.`;
  switch (byte) {
    case 0x00:
      return "The id is 0: the collector's header lies there (an object from PyObject_GC_New), or the pointer is not the start of a block.";
    case 0xdd:
      return `${shown} is the byte that the hooks fill released blocks with: the block was released before.`;
    case 0xcd:
      return `${shown} is the byte that the hooks fill new blocks with: the pointer leads into a block, not to its start.`;
    case 0xfd:
      return `${shown} is the hooks' padding: the pointer is off by a few bytes.`;
    default:
      return (byte & 0x0f) === 0x01 || byte === 0x02 || byte === 0x05
        ? `${shown} (0x${byte.toString(16).padStart(2, '0')}) is no domain but the low byte of a size word of glibc: the block is malloc()'s own, from malloc, calloc, strdup or a library.`
        : `${shown} (0x${byte.toString(16).padStart(2, '0')}) is no domain: data lies before the pointer, as it does when the pointer leads into a block.`;
  }
}

function byteOf(id: string): number | null {
  const escaped = /^\\x([0-9a-f]{2})$/i.exec(id)?.[1];
  if (escaped !== undefined) return Number.parseInt(escaped, 16);
  if (id === '') return 0;
  // A terminal that reads UTF-8 shows bytes above 0x7f as replacement characters.
  if (id === '\ufffd') return null;
  return id.length === 1 && id.charCodeAt(0) < 0x100 ? id.charCodeAt(0) : null;
}
