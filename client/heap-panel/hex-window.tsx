// A stretch of memory: sixteen bytes a line, their characters, and the named fields they make up. A field
// and its bytes light up together.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FieldView, HexView } from '../../simulator/view.ts';

const PER_LINE = 16;

const STATES: Readonly<Record<FieldView['state'], string>> = {
  ok: '',
  changed: 'changed',
  corrupt: 'corrupt',
};

export function HexWindow({ hex }: { readonly hex: HexView }): JSX.Element {
  const [lit, setLit] = useState<number | null>(null);
  const starts = Array.from(
    { length: Math.ceil(hex.bytes.length / PER_LINE) },
    (_, line) => line * PER_LINE,
  );
  return (
    <div class="hex">
      <h4>{hex.title}</h4>
      <div class="scroll" tabIndex={0} role="group" aria-label={`Bytes of ${hex.title}`}>
        <table class="dump">
          <tbody>
            {starts.map((start) => (
              <HexLine key={start} hex={hex} start={start} lit={lit} onLight={setLit} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label={`Fields of ${hex.title}`}>
        <table class="fields">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {hex.fields.map((field, index) => (
              <tr
                key={`${field.offset} ${field.name}`}
                class={`field-${field.state}${lit === index ? ' lit' : ''}`}
                onMouseEnter={() => setLit(index)}
                onMouseLeave={() => setLit(null)}
              >
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={lit === index}
                    title={`Light up the ${field.length} bytes of ${field.name}`}
                    onFocus={() => setLit(index)}
                    onBlur={() => setLit(null)}
                    onClick={() => setLit(index)}
                  >
                    {field.name}
                  </button>
                  {STATES[field.state] !== '' && (
                    <span class={`badge badge-${field.state}`}>{STATES[field.state]}</span>
                  )}
                </th>
                <td class="value">{field.value}</td>
                <td>{field.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface HexLineProps {
  readonly hex: HexView;
  readonly start: number;
  readonly lit: number | null;
  readonly onLight: (field: number | null) => void;
}

function HexLine({ hex, start, lit, onLight }: HexLineProps): JSX.Element {
  const bytes = hex.bytes.slice(start, start + PER_LINE);
  return (
    <tr>
      <th scope="row" class="address">{`0x${(Number(hex.address) + start).toString(16)}`}</th>
      {bytes.map((byte, index) => {
        const at = fieldAt(hex, start + index, lit);
        const field = hex.fields[at];
        return (
          <td
            key={index}
            class={byteClass(field, { lit: at === lit && at >= 0, alternate: at % 2 === 1 })}
            title={field === undefined ? undefined : `${field.name}: ${field.value}. ${field.note}`}
            onMouseEnter={() => onLight(at < 0 ? null : at)}
            onMouseLeave={() => onLight(null)}
          >
            {byte === null ? '??' : byte.toString(16).padStart(2, '0')}
          </td>
        );
      })}
      <td class="characters">{bytes.map(character).join('')}</td>
    </tr>
  );
}

/** The lit field if it covers the byte, else the shortest that does: fields may lie within others. */
function fieldAt(hex: HexView, offset: number, lit: number | null): number {
  const covers = (field: FieldView | undefined): boolean =>
    field !== undefined && field.offset <= offset && offset < field.offset + field.length;
  if (lit !== null && covers(hex.fields[lit])) return lit;
  let best = -1;
  for (const [index, field] of hex.fields.entries())
    if (covers(field) && outranks(field, hex.fields[best])) best = index;
  return best;
}

function outranks(field: FieldView, best: FieldView | undefined): boolean {
  if (best === undefined || field.length < best.length) return true;
  return field.length === best.length && field.state === 'corrupt';
}

function byteClass(
  field: FieldView | undefined,
  { lit, alternate }: { readonly lit: boolean; readonly alternate: boolean },
): string {
  if (field === undefined) return 'byte';
  return `byte named ${alternate ? 'odd' : 'even'} byte-${field.state}${lit ? ' lit' : ''}`;
}

function character(byte: number | null): string {
  return byte !== null && byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
