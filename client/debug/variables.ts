// The variables of a stop as trees: pointers, blocks with their named fields, free lists. References live
// until the debugger moves on; one from an earlier stop is refused.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Span } from '../../simulator/flagged-path.ts';
import { placeText } from '../../simulator/place-text.ts';
import { bytesText } from '../../simulator/step-text.ts';
import type { BlockView, FieldView, HexView } from '../../simulator/view.ts';
import { hex } from '../../simulator/word.ts';
import { nameOf } from './block-events.ts';
import type { Inspector } from './inspector.ts';

type Variable = DebugProtocol.Variable;
type Children = () => readonly Variable[];

export class Variables {
  readonly #inspector: Inspector;
  readonly #children = new Map<number, Children>();
  readonly #blocks = new Map<number, ReadonlyMap<string, BlockView>>();
  readonly #places = new Map<number, Span>();
  readonly #nextReference: () => number;

  /** `nextReference`: never gives a number twice, so that old references are told from new ones. */
  constructor(inspector: Inspector, nextReference: () => number) {
    this.#inspector = inspector;
    this.#nextReference = nextReference;
  }

  scopes(): DebugProtocol.Scope[] {
    const { view } = this.#inspector;
    const scope = (name: string, hint: string, children: Children): DebugProtocol.Scope => ({
      name,
      presentationHint: hint,
      variablesReference: this.#refer(children),
      expensive: false,
    });
    const pointers = scope('Pointers', 'locals', () => this.#pointers());
    const blocks = scope('Blocks', 'heap', () => view.blocks.map((block) => this.#block(block)));
    const named = new Map(
      this.#inspector.pointers.flatMap(({ name, block }) =>
        block === null ? [] : [[name, block]],
      ),
    );
    this.#blocks.set(pointers.variablesReference, named);
    this.#blocks.set(
      blocks.variablesReference,
      new Map(view.blocks.map((block) => [nameOf(block), block])),
    );
    return [pointers, blocks, scope('Free lists', 'heap', () => this.#freeLists())];
  }

  /** null: the reference is none of this stop. */
  children(reference: number): readonly Variable[] | null {
    return this.#children.get(reference)?.() ?? null;
  }

  place(reference: number): Span | null {
    return this.#places.get(reference) ?? null;
  }

  /** The block that a variable stands for; null when it stands for none. */
  blockOf(reference: number, name: string): BlockView | null {
    return this.#blocks.get(reference)?.get(name) ?? null;
  }

  /** What an expression's value expands to; 0: nothing. */
  expand(block: BlockView | null): number {
    return block === null ? 0 : this.#refer(() => this.#details(block));
  }

  #pointers(): readonly Variable[] {
    const known = this.#inspector.pointers.map(
      ({ name, text, block }): Variable => ({
        name,
        value: text,
        evaluateName: name,
        variablesReference: this.expand(block),
        ...this.#links(block),
      }),
    );
    const unset = this.#inspector.unset.map(
      ({ name, text }): Variable => ({ name, value: text, variablesReference: 0 }),
    );
    return [...known, ...unset];
  }

  #block(block: BlockView): Variable {
    return {
      name: nameOf(block),
      value: this.#inspector.summary(block),
      evaluateName: `block ${block.block}`,
      variablesReference: this.expand(block),
      ...this.#links(block),
    };
  }

  #links(block: BlockView | null): Partial<Variable> {
    if (block === null) return {};
    const memory = Number(block.address) === 0 ? {} : { memoryReference: block.address };
    if (block.site === null) return memory;
    const reference = this.#nextReference();
    this.#places.set(reference, block.site);
    return {
      ...memory,
      declarationLocationReference: reference,
      valueLocationReference: reference,
    };
  }

  #details(block: BlockView): readonly Variable[] {
    const site = block.site === null ? [] : [fact('allocated at', placeText(block.site))];
    const shared =
      block.overlaps.length === 0 ? [] : [fact('shares bytes with', block.overlaps.join(', '))];
    return [
      { ...fact('address', block.address), ...this.#links(block) },
      fact('requested', bytesText(block.size)),
      fact('from', `${block.api} (${block.family})`),
      ...site,
      fact('served by', block.allocator),
      fact('state', block.state),
      ...shared,
      ...this.#inspector.view.hex
        .filter((window) => window.block === block.block)
        .flatMap((window) => window.fields.map((field) => fieldVariable(window, field))),
    ];
  }

  #freeLists(): readonly Variable[] {
    return this.#inspector.view.freeLists.map(({ name, entries }): Variable => {
      const children = (): readonly Variable[] =>
        entries.map((entry, index) => ({
          name: String(index),
          value: entry,
          variablesReference: 0,
          ...(entry.startsWith('0x') ? { memoryReference: entry } : {}),
        }));
      const value = entries.length === 0 ? 'empty' : entries.join(' → ');
      return { name, value, variablesReference: entries.length === 0 ? 0 : this.#refer(children) };
    });
  }

  #refer(children: Children): number {
    const reference = this.#nextReference();
    this.#children.set(reference, children);
    return reference;
  }
}

function fieldVariable(window: HexView, field: FieldView): Variable {
  const address = hex(Number(window.address) + field.offset);
  const mark = field.state === 'ok' ? '' : ` [${field.state}]`;
  return {
    name: field.name,
    value: `${field.value}${mark}`,
    type: field.note,
    variablesReference: 0,
    memoryReference: address,
    presentationHint: { kind: 'data', attributes: ['readOnly'] },
  };
}

function fact(name: string, value: string): Variable {
  return {
    name,
    value,
    variablesReference: 0,
    presentationHint: { kind: 'property', attributes: ['readOnly'] },
  };
}
