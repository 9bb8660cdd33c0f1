// The allocator families: sets of functions that may release each other's memory. Both the linter and
// the simulator use this vocabulary; which function belongs to which family is the knowledge table's.

/**
 * The heap that serves a family in the simulator. `raw`, `mem` and `obj` are CPython's allocator
 * domains; `gc` is the object domain plus the collector's pre-header; null: not modelled.
 */
export type Heap = 'libc' | 'raw' | 'mem' | 'obj' | 'gc';

interface FamilyFacts {
  /** How a message names the memory: "memory of …". */
  readonly label: string;
  readonly heap: Heap | null;
  /** The release function a fix or a message names first; null when there is no single one. */
  readonly release: string | null;
}

const fact = (label: string, heap: Heap | null, release: string | null): FamilyFacts => ({
  label,
  heap,
  release,
});

export const FAMILIES = {
  libc: fact('the C library heap', 'libc', 'free'),
  'py-raw': fact('the PyMem_Raw domain', 'raw', 'PyMem_RawFree'),
  'py-mem': fact('the PyMem domain', 'mem', 'PyMem_Free'),
  'py-object': fact('the PyObject domain', 'obj', 'PyObject_Free'),
  'py-object-instance': fact('a Python object', 'obj', 'Py_DECREF'),
  'py-gc-object': fact('a garbage-collected Python object', 'gc', 'PyObject_GC_Del'),
  'py-buffer': fact('a Py_buffer', null, 'PyBuffer_Release'),
  'py-writer': fact('a CPython writer', null, null),
  'py-file': fact('a FILE of Py_fopen', null, 'Py_fclose'),
  'py-config': fact('a PyInitConfig', null, null),
  'py-arena': fact('a PyArena', null, null),
  'py-node': fact('a parser node', null, 'PyNode_Free'),
  'py-lock': fact('a lock of Python', 'raw', 'PyThread_free_lock'),
  'py-tss': fact('a key of thread-specific storage', 'raw', 'PyThread_tss_free'),
  'py-symtable': fact('a symbol table', null, null),
  'numpy-data': fact('NumPy array data', 'libc', 'PyDataMem_FREE'),
  'numpy-array': fact('NumPy array memory', 'raw', 'PyArray_free'),
  'numpy-dim': fact('NumPy dimensions', 'raw', 'PyDimMem_FREE'),
  'numpy-iter': fact('a NumPy iterator', null, 'NpyIter_Deallocate'),
  'numpy-auxdata': fact('NumPy auxiliary data', null, 'NPY_AUXDATA_FREE'),
  'numpy-string': fact('a NumPy string allocator', null, null),
  stack: fact('the stack', null, null),
  static: fact('static storage', null, null),
  'libc-stdio': fact('a stdio stream', null, 'fclose'),
  'libc-addrinfo': fact('an addrinfo list', null, 'freeaddrinfo'),
  'libc-ifaddrs': fact('an ifaddrs list', null, 'freeifaddrs'),
  'libc-ifname': fact('an interface name list', null, 'if_freenameindex'),
  'libc-glob': fact('a glob_t', null, 'globfree'),
  'libc-wordexp': fact('a wordexp_t', null, 'wordfree'),
  'libc-regex': fact('a regex_t', null, 'regfree'),
  'libc-popen': fact('a pipe stream', null, 'pclose'),
  'libc-dir': fact('a directory stream', null, 'closedir'),
  'libc-dl': fact('a shared object handle', null, 'dlclose'),
  'libc-mmap': fact('a memory mapping', null, 'munmap'),
  'libc-locale': fact('a locale_t', null, 'freelocale'),
  'libc-iconv': fact('an iconv_t', null, 'iconv_close'),
  'cxx-new': fact('operator new', 'libc', 'delete'),
  'cxx-new-array': fact('operator new[]', 'libc', 'delete[]'),
  'win-heap': fact('a Windows heap', null, 'HeapFree'),
  'win-local': fact('the Windows local heap', null, 'LocalFree'),
  'win-global': fact('the Windows global heap', null, 'GlobalFree'),
  'win-cotask': fact('the COM task allocator', null, 'CoTaskMemFree'),
  'win-bstr': fact('a BSTR', null, 'SysFreeString'),
  'win-virtual': fact('Windows virtual memory', null, 'VirtualFree'),
  'win-map': fact('a Windows file view', null, 'UnmapViewOfFile'),
  'win-env': fact('a Windows environment block', null, null),
  'win-crt-aligned': fact('the aligned CRT heap', null, '_aligned_free'),
  'win-malloca': fact('_malloca memory', null, '_freea'),
  sqlite: fact('SQLite memory', 'libc', 'sqlite3_free'),
  'sqlite-table': fact('a SQLite result table', null, 'sqlite3_free_table'),
  'sqlite-db': fact('a SQLite connection', null, 'sqlite3_close'),
  'sqlite-stmt': fact('a SQLite statement', null, 'sqlite3_finalize'),
  xml: fact('libxml2 memory', 'libc', 'xmlFree'),
  'xml-doc': fact('a libxml2 document', null, 'xmlFreeDoc'),
  glib: fact('GLib memory', 'libc', 'g_free'),
  'glib-aligned': fact('aligned GLib memory', null, 'g_aligned_free'),
  'glib-strv': fact('a GLib string vector', null, 'g_strfreev'),
  'glib-slice': fact('a GLib slice', null, 'g_slice_free'),
  openssl: fact('OpenSSL memory', 'libc', 'OPENSSL_free'),
  'openssl-secure': fact('the OpenSSL secure heap', null, 'OPENSSL_secure_free'),
  'openssl-bn': fact('an OpenSSL big number', null, 'BN_free'),
  'openssl-mdctx': fact('an OpenSSL digest context', null, 'EVP_MD_CTX_free'),
  'openssl-cipherctx': fact('an OpenSSL cipher context', null, 'EVP_CIPHER_CTX_free'),
  curl: fact('libcurl memory', 'libc', 'curl_free'),
  'curl-easy': fact('a libcurl handle', null, 'curl_easy_cleanup'),
  'curl-slist': fact('a libcurl list', null, 'curl_slist_free_all'),
  'zlib-gz': fact('a gzip stream', null, 'gzclose'),
  'zlib-deflate': fact('a deflate stream', null, 'deflateEnd'),
  'zlib-inflate': fact('an inflate stream', null, 'inflateEnd'),
  'zstd-cctx': fact('a Zstandard compression context', null, 'ZSTD_freeCCtx'),
  'zstd-dctx': fact('a Zstandard decompression context', null, 'ZSTD_freeDCtx'),
  'zstd-cdict': fact('a Zstandard compression dictionary', null, 'ZSTD_freeCDict'),
  'zstd-ddict': fact('a Zstandard decompression dictionary', null, 'ZSTD_freeDDict'),
  'zstd-cstream': fact('a Zstandard compression stream', null, 'ZSTD_freeCStream'),
  'zstd-dstream': fact('a Zstandard decompression stream', null, 'ZSTD_freeDStream'),
  'expat-parser': fact('an Expat parser', null, 'XML_ParserFree'),
  'expat-mem': fact('Expat memory', null, 'XML_MemFree'),
  'expat-content': fact('an Expat content model', null, 'XML_FreeContentModel'),
  'ldap-berval': fact('a berval', null, 'ber_bvfree'),
  'ldap-ber': fact('a BerElement', null, 'ber_free'),
  'ldap-mem': fact('LDAP memory', null, 'ldap_memfree'),
  'ldap-values': fact('LDAP values', null, 'ldap_value_free_len'),
  fftw: fact('FFTW memory', null, 'fftw_free'),
  'fftw-plan': fact('an FFTW plan', null, 'fftw_destroy_plan'),
  mkl: fact('MKL memory', null, 'mkl_free'),
  mimalloc: fact('mimalloc memory', null, 'mi_free'),
  jemalloc: fact('jemalloc memory', null, 'je_free'),
  'cuda-device': fact('CUDA device memory', null, 'cudaFree'),
  'cuda-host': fact('CUDA host memory', null, 'cudaFreeHost'),
  'mm-aligned': fact('_mm_malloc memory', null, '_mm_free'),
} as const satisfies Record<string, FamilyFacts>;

/** An allocator of the user's own, by the name that a project gives it: `own:frame-pool`. */
export type OwnFamily = `own:${string}`;

export type Family = keyof typeof FAMILIES | OwnFamily;

const OWN = /^own:(\S.*)$/;

export function isFamily(name: string): name is Family {
  return Object.hasOwn(FAMILIES, name) || OWN.test(name);
}

/** Blocks of an allocator that is not known are taken to come from malloc. */
export function familyFacts(family: Family): FamilyFacts {
  return isKnown(family)
    ? FAMILIES[family]
    : fact(`the ${OWN.exec(family)?.[1] ?? family} allocator`, 'libc', null);
}

function isKnown(family: Family): family is keyof typeof FAMILIES {
  return Object.hasOwn(FAMILIES, family);
}
