// A graph of objects as text: what is shared stays shared, chains of any length do not use up the stack, and
// the same graph always gives the same text. For plain objects, arrays, maps, sets, numbers, texts; what stands for
// more than its own content is left to names.

/** null: it is written out. */
export type NameOf = (object: object) => string | null;
export type Named = (name: string) => unknown;

/** In UTF-16 units: a longer text is written once. */
const MAX_OWN_TEXT = 64;

/** A short text, number, boolean or null stands for itself. */
type Field =
  | string
  | number
  | boolean
  | null
  /** The object or long text with this number; or the name of what JSON has no word for: `Infinity`, `8n`. */
  | readonly [number | string];

type Cell =
  | { readonly shape: number; readonly fields: readonly Field[] }
  | { readonly array: readonly Field[] }
  | { readonly map: readonly (readonly [Field, Field])[] }
  | { readonly set: readonly Field[] }
  | { readonly text: string }
  | { readonly name: string };

interface Written {
  /** Lists of field names; an object has the number of its list. */
  readonly shapes: readonly (readonly string[])[];
  /** The first is the whole. */
  readonly cells: readonly Cell[];
}

export function toText(root: object, nameOf: NameOf): string {
  const numbers = new Map<object | string, number>();
  const objects: (object | string)[] = [];
  const shapeNumbers = new Map<string, number>();
  const shapes: string[][] = [];
  const numberOf = (object: object | string): number => {
    const known = numbers.get(object);
    if (known !== undefined) return known;
    numbers.set(object, objects.length);
    return objects.push(object) - 1;
  };
  const shapeOf = (keys: string[]): number => {
    const key = JSON.stringify(keys);
    const known = shapeNumbers.get(key);
    if (known !== undefined) return known;
    shapeNumbers.set(key, shapes.length);
    return shapes.push(keys) - 1;
  };
  const field = (value: unknown): Field => {
    switch (typeof value) {
      case 'string':
        return value.length > MAX_OWN_TEXT ? [numberOf(value)] : value;
      case 'boolean':
        return value;
      case 'number':
        if (Object.is(value, -0)) return ['-0'];
        return Number.isFinite(value) ? value : [String(value)];
      case 'undefined':
        return ['undefined'];
      case 'bigint':
        return [`${value}n`];
      case 'object':
        return value === null ? null : [numberOf(value)];
      default:
        throw new TypeError(`a ${typeof value} cannot be written`);
    }
  };
  const cell = (object: object | string): Cell => {
    if (typeof object === 'string') return { text: object };
    const name = nameOf(object);
    if (name !== null) return { name };
    if (Array.isArray(object)) return { array: object.map(field) };
    if (object instanceof Map) {
      return { map: Array.from(object, ([key, value]) => [field(key), field(value)] as const) };
    }
    if (object instanceof Set) return { set: Array.from(object, field) };
    return { shape: shapeOf(Object.keys(object)), fields: Object.values(object).map(field) };
  };
  const cells: Cell[] = [];
  numberOf(root);
  // It grows meanwhile.
  for (const object of objects) cells.push(cell(object));
  return JSON.stringify({ shapes, cells } satisfies Written);
}

/** Throws an Error for what is not such a text. */
export function fromText(text: string, named: Named): unknown {
  const written: unknown = JSON.parse(text);
  if (!isWritten(written)) throw new Error('it was not written by this program');
  const { shapes, cells } = written;
  const fills: (() => void)[] = [];
  const objects = cells.map((cell): unknown => {
    if ('name' in cell) return named(cell.name);
    if ('text' in cell) return cell.text;
    if ('array' in cell) {
      const array: unknown[] = [];
      fills.push(() => {
        for (const field of cell.array) array.push(value(field));
      });
      return array;
    }
    if ('set' in cell) {
      const set = new Set<unknown>();
      fills.push(() => {
        for (const field of cell.set) set.add(value(field));
      });
      return set;
    }
    if ('map' in cell) {
      const map = new Map<unknown, unknown>();
      fills.push(() => {
        for (const [key, field] of cell.map) map.set(value(key), value(field));
      });
      return map;
    }
    const object: Record<string, unknown> = {};
    fills.push(() => {
      for (const [i, key] of shapes[cell.shape]!.entries())
        setField(object, key, value(cell.fields[i]!));
    });
    return object;
  });
  const value = (field: Field): unknown => {
    if (typeof field !== 'object' || field === null) return field;
    const [what] = field;
    if (typeof what === 'number') return objects[what];
    if (what === 'undefined') return undefined;
    return what.endsWith('n') ? BigInt(what.slice(0, -1)) : Number(what);
  };
  for (const fill of fills) fill();
  return objects[0];
}

/** `__proto__` is a name like others here. */
function setField(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'shapes' in value && 'cells' in value;
}
