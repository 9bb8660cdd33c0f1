// Which struct a block is an instance of, as the code writes it: by sizeof, else by the pointer that takes
// it. What one function allocates and another one, which only knows the struct, releases meets there.
import type { ApiRow } from '../knowledge/row.ts';
import { isObjectFamily } from '../knowledge/release.ts';
import type { CallSite } from './call-site.ts';
import type { Frame } from './frame.ts';
import type { AccessPath, Slot } from './value.ts';

/** The slot of all instances of a struct. */
export function instancesOf(struct: string): Slot {
  return `instances of ${struct}`;
}

/** The struct that a call allocates one instance of; null: not one of the program's, or not known. */
export function allocatedStruct(frame: Frame, row: ApiRow, call: CallSite): string | null {
  const written = call.arguments.map(({ text }) => structIn(frame, text));
  const sized = row.sizeArgs.flatMap(({ arg, meaning }) => {
    if (meaning === 'type' || meaning === 'c-struct-type') return call.arguments[arg]?.text ?? [];
    return meaning === 'bytes' || meaning === 'elemsize' ? (written[arg] ?? []) : [];
  });
  const counts = row.sizeArgs.filter(({ meaning }) => meaning === 'count');
  if (counts.some(({ arg }) => call.arguments[arg]?.text.trim() !== '1')) return null;
  const name =
    sized.length === 1
      ? sized[0]!
      : isObjectFamily(row.family) || call.isAnalyzed
        ? frame.cfg.structs.get(call.boundTo)
        : undefined;
  return name === undefined ? null : frame.structNamed(name.replace(/^struct\s+/, ''));
}

/** `sizeof(Node)`, `sizeof *node`; null: anything else. */
function structIn(frame: Frame, text: string): string | null {
  const match = /^sizeof\s*\(?\s*(\*?)\s*(?:struct\s+)?([A-Za-z_]\w*)\s*\)?$/.exec(text.trim());
  if (match === null) return null;
  return match[1] === '' ? match[2]! : (frame.cfg.structs.get(match[2]!) ?? null);
}

/**
 * The struct that a parameter points to, or the variable that it is released as: `Closure *c = data;`. null:
 * the path is not a parameter, or points to none.
 */
export function pointedStruct(frame: Frame, path: AccessPath, written: string): string | null {
  if (path.root.kind !== 'argument' || path.steps.length > 0) return null;
  const name =
    frame.cfg.parameters[path.root.index]?.pointsTo ?? frame.cfg.pointees.get(written) ?? null;
  return name === null ? null : frame.structNamed(name);
}
