// The words that the columns of the knowledge table may hold. As values, because the data is JSON and
// only a test can hold it against them; as types for everything that reads a row.

export const KINDS = [
  'function',
  'macro',
  'function-pointer',
  'operator',
  'type-slot',
  'format-unit',
  'callback',
  'data',
  'struct',
] as const;
export type Kind = (typeof KINDS)[number];

/**
 * What a call does to memory or to references. `call-duration`: only uses its arguments. `argument-list`:
 * makes a va_list of its first argument; `next-argument`: reads from one.
 */
export const ROLES = [
  'alloc',
  'realloc',
  'free',
  'handle-free',
  'owned-result',
  'out-param-owned',
  'out-param-borrow',
  'borrow',
  'takes-ownership',
  'copies-input',
  'keeps-pointer',
  'caller-buffer',
  'call-duration',
  'object-alloc',
  'object-init',
  'object-free',
  'gc-track',
  'gc-untrack',
  'gc-traverse',
  'gc-clear',
  'gc-control',
  'finalize',
  'finalizer',
  'destructor',
  'initializer',
  'dealloc-guard',
  'weakref-clear',
  'resize-object',
  'new-reference',
  'borrowed-reference',
  'steals-reference',
  'replaces-reference',
  'returns-null',
  'refcount-inc',
  'refcount-dec',
  'refcount-init',
  'buffer-acquire',
  'buffer-release',
  'gil-acquire',
  'gil-release',
  'gil-swap',
  'lock-acquire',
  'lock-release',
  'tls',
  'fork-hook',
  'config-init',
  'config-clear',
  'slot-id',
  'type-flag',
  'layout',
  'ownership-flag',
  'allocator-hook',
  'memory-tracking',
  'registers-free',
  'callback',
  'callback-must-return',
  'destructor-callback',
  'format-parser',
  'argument-list',
  'next-argument',
  'value',
  'inquiry',
  'identity',
  'sets-memoryerror',
] as const;
export type Role = (typeof ROLES)[number];

/**
 * How the size of a new block follows from an argument. `type`: its sizeof, times the count.
 * `item-count`: times tp_itemsize. `intp-count`: times sizeof(npy_intp).
 */
export const SIZE_MEANINGS = [
  'bytes',
  'count',
  'elemsize',
  'type',
  'c-struct-type',
  'type-object',
  'item-count',
  'intp-count',
  'extra-bytes',
  'string',
  'wide-string',
] as const;
export type SizeMeaning = (typeof SIZE_MEANINGS)[number];

/**
 * What becomes of a buffer that is passed in. Without an entry: only used during the call.
 * `kept`: the callee goes on using it after the call. `contents-kept`: the struct is copied, what it
 * points to is kept. `destructor-decides`: another argument names the release function, or says that
 * the buffer is static or to be copied.
 */
export const POINTER_BEHAVIORS = [
  'copied',
  'call-duration',
  'filled',
  'kept',
  'kept-static',
  'contents-kept',
  'names-kept-static',
  'destructor-decides',
] as const;
export type PointerBehavior = (typeof POINTER_BEHAVIORS)[number];

/**
 * What becomes of the argument when a realloc or an in-place resize fails. `argument-cleared`: freed,
 * and the variable set to NULL. `argument-lost`: the variable set to NULL, the block not freed.
 */
export const ON_FAILURE = [
  'argument-valid',
  'argument-freed',
  'argument-cleared',
  'argument-lost',
] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

/** The results of a call that fills its out parameter. */
export const FILLED_WHEN = ['always', '== 0', '!= 0', '>= 0'] as const;
export type FilledWhen = (typeof FILLED_WHEN)[number];

/** What a request for zero bytes does. `keeps-block`, `frees-block`: of a realloc. */
export const ZERO_SIZE = [
  'unique-pointer',
  'null',
  'keeps-block',
  'frees-block',
  'implementation-defined',
] as const;
export type ZeroSize = (typeof ZERO_SIZE)[number];

/** The language of a format string. */
export const FORMAT_CONTEXTS = ['PyArg_Parse', 'Py_BuildValue', 'printf', 'scanf'] as const;
export type FormatContext = (typeof FORMAT_CONTEXTS)[number];

/**
 * What a call does to the attachment of the calling thread. `ensure` attaches, and `restore` gives back
 * what the matching `ensure` found. `ask`: true when attached. `forget`: another state, or none.
 */
export const THREAD_STATE_EFFECTS = [
  'detach',
  'attach',
  'ensure',
  'restore',
  'ask',
  'forget',
] as const;
export type ThreadStateEffect = (typeof THREAD_STATE_EFFECTS)[number];

/** The struct of a pointer to any object: whoever is handed one has a thread state. */
export const OBJECT_STRUCT = 'PyObject';
