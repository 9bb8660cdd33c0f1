// The verdict matrix, before anything else: how the path ends on every build and version, and what decides.
// On a narrow page only its summary line is open.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { EndKind } from '../../simulator/judgment.ts';
import { BUILDS, type Target } from '../../simulator/target.ts';
import {
  type RuledRow,
  type VerdictMatrix,
  type VerdictRow,
  verdictOf,
} from '../../simulator/verdict.ts';
import { endDetail, endLabel, ruledWords, whereWords } from '../../simulator/verdict-words.ts';

/** Longer paths take too long for a page that must open at once. */
const MAX_STEPS = 400;

const TONES: Readonly<Record<EndKind, 'bad' | 'warn' | 'good'>> = {
  'dies here': 'bad',
  'dies earlier': 'bad',
  'dies later': 'bad',
  hangs: 'bad',
  overlap: 'bad',
  silent: 'warn',
  unknown: 'warn',
  leak: 'warn',
  harmless: 'good',
  clean: 'good',
};

const SIGNS = { bad: '✕', warn: '●', good: '✓' } as const;

interface VerdictTableProps {
  readonly path: FlaggedPath;
  /** Why the page opened on its target; null: there was nothing to choose. */
  readonly why: string | null;
}

export function VerdictTable({ path, why }: VerdictTableProps): JSX.Element | null {
  const matrix = useMemo(() => (path.steps.length > MAX_STEPS ? null : verdictOf(path)), [path]);
  if (matrix === null) return null;
  const isWide = window.matchMedia('(min-width: 821px)').matches;
  return (
    <details class="verdicts" open={isWide}>
      <summary>
        <strong>
          How it ends<span class="by">, by build and version</span>
        </strong>{' '}
        <Summary matrix={matrix} />
      </summary>
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Target</th>
            <th scope="col">End</th>
            <th scope="col">What happens</th>
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((row) => (
            <Row key={whereWords(row, matrix)} where={whereWords(row, matrix)} row={row} />
          ))}
          {matrix.byRule.map((row) => (
            <Row key={ruledWords(row)} where={ruledWords(row)} row={row} />
          ))}
        </tbody>
      </table>
      {why !== null && <p class="why">This page opened where it shows best: {why}.</p>}
    </details>
  );
}

/** `✕ dies here debug, malloc_debug  ✓ harmless release`; a build that ends in several ways is named by each. */
function Summary({ matrix }: { readonly matrix: VerdictMatrix }): JSX.Element {
  const kinds = [...new Set(matrix.rows.map(({ end }) => end.kind))];
  const buildsOf = (kind: EndKind): readonly Target['build'][] => {
    const rows = matrix.rows.filter(({ end }) => end.kind === kind);
    return BUILDS.filter((build) => rows.some(({ builds }) => builds.includes(build)));
  };
  return (
    <span class="kinds">
      {kinds.map((kind) => (
        <span key={kind}>
          <Label kind={kind} /> <small>{buildsOf(kind).join(', ')}</small>
        </span>
      ))}
    </span>
  );
}

function Label({ kind }: { readonly kind: EndKind }): JSX.Element {
  const tone = TONES[kind];
  return (
    <span class={`end end-${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]} </span>
      {endLabel({ kind })}
    </span>
  );
}

interface RowProps {
  readonly where: string;
  readonly row: VerdictRow | RuledRow;
}

function Row({ where, row }: RowProps): JSX.Element {
  const { end, others, dependsOn } = row;
  return (
    <tr>
      <th scope="row">{where}</th>
      <td>
        <Label kind={end.kind} />
      </td>
      <td>
        {endDetail(end)}
        {dependsOn.length > 0 && (
          <small>
            {' '}
            Depends on {dependsOn.join(' and ')}
            {others.map((other) => `; or ${endLabel(other)}: ${endDetail(other)}`)}.
          </small>
        )}
      </td>
    </tr>
  );
}
