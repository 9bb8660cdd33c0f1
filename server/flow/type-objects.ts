// Type objects as the file writes them: static ones, positional or designated, specs with their slots, and
// slots that are assigned later. What CPython fills in by itself is for type-table.ts.
import { groupBy } from '../group-by.ts';
import { chooseForPython3 } from '../preprocess/alternatives.ts';
import {
  type InitializerItem,
  splitInitializer,
  withoutComments,
} from '../preprocess/initializer.ts';

/** Of a slot of a type object, or of a flag word: `#if` alternatives and assignments may disagree. */
export type SlotValue =
  | { readonly kind: 'function'; readonly name: string; readonly at: TextRange }
  | { readonly kind: 'null' }
  /** The functions that it may be. */
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface TypeObject {
  /** The variable of the type object, or of its spec. */
  readonly name: string;
  /** Pointers to the type that a spec makes: the last name of what PyType_FromSpec is assigned to. */
  readonly pointers: readonly string[];
  readonly at: TextRange;
  /** By member of PyTypeObject; a slot that is missing is not set. */
  readonly slots: ReadonlyMap<string, SlotValue>;
  readonly flags: TypeFlags;
  readonly isHeapType: boolean;
  /** No base but object; a slot `tp_base` names one. */
  readonly hasUnknownBases: boolean;
}

export interface TypeFlags {
  readonly set: ReadonlySet<string>;
  /** Set under some preprocessor conditions only. */
  readonly maybe: ReadonlySet<string>;
  /** Macros and expressions that hold more of them. */
  readonly others: ReadonlySet<string>;
}

/** The members of PyTypeObject from tp_name on (Include/cpython/object.h, CPython 3.13). */
const MEMBERS = (
  'tp_name tp_basicsize tp_itemsize tp_dealloc tp_vectorcall_offset tp_getattr tp_setattr tp_as_async ' +
  'tp_repr tp_as_number tp_as_sequence tp_as_mapping tp_hash tp_call tp_str tp_getattro tp_setattro ' +
  'tp_as_buffer tp_flags tp_doc tp_traverse tp_clear tp_richcompare tp_weaklistoffset tp_iter ' +
  'tp_iternext tp_methods tp_members tp_getset tp_base tp_dict tp_descr_get tp_descr_set ' +
  'tp_dictoffset tp_init tp_alloc tp_new tp_free tp_is_gc tp_bases tp_mro tp_cache tp_subclasses ' +
  'tp_weaklist tp_del tp_version_tag tp_finalize'
).split(' ');
const SPEC_MEMBERS = ['name', 'basicsize', 'itemsize', 'flags', 'slots'];

/** The same in a text in which offsets have moved. */
export function movedType(type: TypeObject, moved: (offset: number) => number): TypeObject {
  const range = ({ start, end }: TextRange): TextRange => ({
    start: moved(start),
    end: moved(end),
  });
  const slots = Array.from(type.slots, ([member, value]): [string, SlotValue] => [
    member,
    value.kind === 'function' ? { ...value, at: range(value.at) } : value,
  ]);
  return { ...type, at: range(type.at), slots: new Map(slots) };
}

/** `PyTypeObject name = …`, with comments in between; each comment has one end. */
const MAY_DEFINE =
  /\bPyTypeObject\b(?:[^;*/]|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/(?!\*))*=|\bPyType_Slot\b/;

export function typeObjectsIn(text: string): TypeObject[] {
  if (!MAY_DEFINE.test(text)) return [];
  const isConditional = /^[ \t]*#[ \t]*if/m.test(text);
  const first = collect(withoutComments(isConditional ? chooseForPython3(text, 0) : text));
  if (!isConditional) return first;
  const second = collect(withoutComments(chooseForPython3(text, 1)));
  const merged = first.map((type) => {
    const other = second.find((t) => t.name === type.name);
    return other === undefined ? type : either(type, other);
  });
  return [...merged, ...second.filter((t) => !first.some((f) => f.name === t.name))];
}

function collect(text: string): TypeObject[] {
  const types = [...staticTypes(text), ...specs(text)];
  if (types.length === 0) return types;
  const later = assignmentsIn(text);
  return types.map((type) => assignedLater(type, later.get(type.name) ?? []));
}

/** A statement `Some_Type.tp_member = value;`. */
interface Assignment {
  readonly type: string;
  readonly whole: string;
  readonly member: string;
  /** Empty for a plain one. */
  readonly operator: string;
  readonly value: string;
  /** Where the value begins. */
  readonly start: number;
}

/** By the name of the type object. */
function assignmentsIn(text: string): ReadonlyMap<string, readonly Assignment[]> {
  const found: Assignment[] = [];
  for (const match of text.matchAll(/\.\s*(tp_\w+)\s*([|&]?)=(?!=)\s*([^;]+);/g)) {
    const [whole, member = '', operator = '', value = ''] = match;
    const type = /(\w+)\s*$/.exec(text.slice(Math.max(0, match.index - 120), match.index))?.[1];
    if (type === undefined) continue;
    const start = match.index + whole.lastIndexOf(value);
    found.push({ type, whole: type + whole, member, operator, value, start });
  }
  return groupBy(found, ({ type }) => type);
}

function staticTypes(text: string): TypeObject[] {
  const types: TypeObject[] = [];
  for (const match of text.matchAll(/\bPyTypeObject\s+(\w+)\s*=\s*(?=\{)/g)) {
    const split = splitInitializer(text, match.index + match[0].length);
    if (split === null) continue;
    const members = membersOf(withoutHead(split.items), MEMBERS);
    const flags = members.get('tp_flags');
    types.push({
      name: match[1]!,
      pointers: [],
      at: { start: match.index, end: match.index + match[0].trimEnd().length },
      slots: slotsOf(members),
      flags: flagsOf(flags?.text ?? '0'),
      isHeapType: false,
      hasUnknownBases: false,
    });
  }
  return types;
}

/** `PyVarObject_HEAD_INIT(NULL, 0)` has its comma inside; what follows it is tp_name. */
function withoutHead(items: readonly InitializerItem[]): InitializerItem[] {
  const first = items[0];
  if (first === undefined || first.member !== null) return [...items];
  const head = /^\w*HEAD\w*\s*(\([^()]*\))?\s*/.exec(first.text)?.[0] ?? '';
  // `{ PyObject_HEAD_INIT(NULL) 0, …` and `{{ head }, …`.
  const rest = first.text.slice(head.length);
  const second = items[1];
  if (head !== '' && rest !== '' && !/^\d+$/.test(rest)) {
    return [{ ...first, text: rest, start: first.start + head.length }, ...items.slice(1)];
  }
  const hasSize = head !== '' && rest === '' && /^0$/.test(second?.text ?? '');
  if (head !== '' || first.text.startsWith('{')) return items.slice(hasSize ? 2 : 1);
  return [...items];
}

function specs(text: string): TypeObject[] {
  const types: TypeObject[] = [];
  const slotTables = new Map<string, readonly InitializerItem[]>();
  for (const match of text.matchAll(/\bPyType_Slot\s+(\w+)\s*\[[^\]]*\]\s*=\s*(?=\{)/g)) {
    const split = splitInitializer(text, match.index + match[0].length);
    if (split !== null) slotTables.set(match[1]!, split.items);
  }
  for (const match of text.matchAll(/\bPyType_Spec\s+(\w+)\s*=\s*(?=\{)/g)) {
    const split = splitInitializer(text, match.index + match[0].length);
    if (split === null) continue;
    const name = match[1]!;
    const uses = usesOf(name, text);
    const members = membersOf(split.items, SPEC_MEMBERS);
    const flags = members.get('flags');
    const table = slotTables.get(members.get('slots')?.text ?? '');
    if (table === undefined) continue;
    types.push({
      name,
      pointers: madeFrom(uses),
      at: { start: match.index, end: match.index + match[0].trimEnd().length },
      slots: slotsOf(slotEntries(table)),
      flags: flagsOf(flags?.text ?? '0'),
      isHeapType: true,
      hasUnknownBases: hasUnknownBases(uses),
    });
  }
  return types;
}

/** `{Py_tp_dealloc, (void *)f}` as the member tp_dealloc. */
function slotEntries(table: readonly InitializerItem[]): Map<string, InitializerItem> {
  const entries = new Map<string, InitializerItem>();
  for (const row of table) {
    const split = splitInitializer(row.text, 0);
    if (split === null || !row.text.startsWith('{')) continue;
    const members = membersOf(split.items, ['slot', 'pfunc']);
    const id = /^Py_(tp_\w+)$/.exec(members.get('slot')?.text ?? '')?.[1];
    const value = members.get('pfunc');
    if (id === undefined || value === undefined) continue;
    entries.set(id, {
      ...value,
      start: row.start + value.start,
      end: row.start + value.end,
    });
  }
  return entries;
}

interface SpecUse {
  /** The statement up to the `&spec`. */
  readonly before: string;
  /** The statement from the `&` on. */
  readonly after: string;
}

/** In UTF-16 units; what stands farther away in the statement says nothing. */
const USE_REACH = 500;

function usesOf(spec: string, text: string): SpecUse[] {
  return Array.from(text.matchAll(new RegExp(`&\\s*${spec}\\b`, 'g')), ({ index }) => {
    const before = text.slice(Math.max(0, index - USE_REACH), index);
    const after = text.slice(index, index + USE_REACH);
    return { before: before.slice(before.search(/[^;{}]*$/)), after: /^[^;{}]*/.exec(after)![0] };
  });
}

/** The variables that hold a type made from the spec. */
function madeFrom(uses: readonly SpecUse[]): string[] {
  return uses.flatMap(({ before }) => {
    const made = /(\w+)\s*=\s*(?:\([^()]*\)\s*)?PyType_From\w+\s*\(.*$/s.exec(before);
    return made === null ? [] : [made[1]!];
  });
}

/** A spec that is used with bases, or by a call that is not seen. */
function hasUnknownBases(uses: readonly SpecUse[]): boolean {
  const calls = uses.filter(({ before }) => /\w\s*\(/.test(before));
  return (
    calls.length === 0 || calls.some(({ after }) => !/^&\s*\w+\s*(,\s*(NULL|0)\s*)?\)/.test(after))
  );
}

function membersOf(
  items: readonly InitializerItem[],
  names: readonly string[],
): Map<string, InitializerItem> {
  const members = new Map<string, InitializerItem>();
  let position = 0;
  for (const item of items) {
    if (item.member !== null) position = names.indexOf(item.member);
    const name = item.member ?? names[position];
    position++;
    if (name !== undefined) members.set(name, item);
  }
  return members;
}

function slotsOf(members: ReadonlyMap<string, InitializerItem>): Map<string, SlotValue> {
  return new Map([...members].map(([name, item]) => [name, slotValue(item)]));
}

function slotValue(item: InitializerItem): SlotValue {
  let { text, start } = item;
  for (;;) {
    const prefix = /^(?:\(\s*(?:const\s+)?[A-Za-z_][\w\s]*\**\s*\)\s*(?=[\w(&])|&\s*)/.exec(text);
    if (prefix === null) break;
    text = text.slice(prefix[0].length);
    start += prefix[0].length;
  }
  if (/^\(.*\)$/.test(text) && !text.slice(1, -1).includes('(')) {
    start += 1;
    text = text.slice(1, -1);
  }
  if (/^(0|NULL|nullptr|Py_nullptr)$/.test(text)) return { kind: 'null' };
  if (!/^[A-Za-z_]\w*$/.test(text)) return { kind: 'unknown', names: [] };
  return { kind: 'function', name: text, at: { start, end: start + text.length } };
}

export function flagsOf(text: string): TypeFlags {
  const atoms = text.split(/[()|\s]+/).filter((atom) => atom !== '');
  const names = atoms.filter((atom) => /^_?Py_TPFLAGS_\w+$/.test(atom));
  return {
    set: new Set(names),
    maybe: new Set(),
    others: new Set(atoms.filter((a) => !names.includes(a) && !/^0[uUlL]*$/.test(a))),
  };
}

/** `Foo_Type.tp_free = f;`, `Foo_Type.tp_flags |= …` in an init function. */
function assignedLater(type: TypeObject, assignments: readonly Assignment[]): TypeObject {
  if (type.isHeapType) return type;
  const slots = new Map(type.slots);
  let { flags } = type;
  for (const { whole, member, operator, value, start } of assignments) {
    const item = { member: null, text: value.trim(), start, end: start + value.length };
    if (member === 'tp_flags') {
      const given = flagsOf(value);
      if (operator === '&') flags = { ...flags, others: new Set([...flags.others, whole]) };
      else if (operator === '') flags = given;
      else {
        const others = new Set([...flags.others, ...given.others]);
        flags = { ...flags, set: new Set([...flags.set, ...given.set]), others };
      }
      continue;
    }
    const known = slots.get(member);
    const next = slotValue(item);
    slots.set(member, known === undefined || known.kind === 'null' ? next : agreed(known, next));
  }
  return { ...type, slots, flags };
}

function agreed(a: SlotValue, b: SlotValue): SlotValue {
  if (a.kind === 'null' && b.kind === 'null') return a;
  if (a.kind === 'function' && b.kind === 'function' && a.name === b.name) return a;
  return { kind: 'unknown', names: [...new Set([...namesOf(a), ...namesOf(b)])] };
}

export function namesOf(value: SlotValue | undefined): readonly string[] {
  switch (value?.kind) {
    case 'function':
      return [value.name];
    case 'unknown':
      return value.names;
    case 'null':
    case undefined:
      return [];
  }
}

/** The type under one `#if` alternative or the other. */
function either(a: TypeObject, b: TypeObject): TypeObject {
  const slots = new Map<string, SlotValue>();
  for (const name of new Set([...a.slots.keys(), ...b.slots.keys()])) {
    const none: SlotValue = { kind: 'null' };
    slots.set(name, agreed(a.slots.get(name) ?? none, b.slots.get(name) ?? none));
  }
  const inBoth = [...a.flags.set].filter((flag) => b.flags.set.has(flag));
  const inAny = [a, b].flatMap(({ flags }) => [...flags.set, ...flags.maybe]);
  return {
    ...a,
    pointers: [...new Set([...a.pointers, ...b.pointers])],
    slots,
    flags: {
      set: new Set(inBoth),
      maybe: new Set(inAny.filter((flag) => !inBoth.includes(flag))),
      others: new Set([...a.flags.others, ...b.flags.others]),
    },
    hasUnknownBases: a.hasUnknownBases || b.hasUnknownBases,
  };
}
