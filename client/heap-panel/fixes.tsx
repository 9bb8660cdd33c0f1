// Before and after: the path as the code is, and with each fix, each with its end on the shown target. Choosing one
// replays it.
import type { JSX } from 'preact';
import { verdictWord } from '../../simulator/outcome.ts';
import type { Outcome } from '../../simulator/timeline.ts';
import { SIGNS } from './header.tsx';
import type { TitledPath } from './host.ts';

/** More fixes than these are not compared. */
const COMPARED = 4;

interface FixesProps {
  readonly fixed: readonly TitledPath[];
  /** On the shown target. `fix`: index into `fixed`; null: as the code is. */
  readonly outcomeOf: (fix: number | null) => Outcome;
  /** The one that is shown. */
  readonly fix: number | null;
  readonly onFix: (fix: number | null) => void;
}

export function Fixes({ fixed, outcomeOf, fix, onFix }: FixesProps): JSX.Element | null {
  if (fixed.length === 0) return null;
  const choices = [
    { index: null, title: 'As it is' },
    ...fixed.slice(0, COMPARED).map(({ title }, index) => ({ index, title })),
  ];
  return (
    <fieldset class="targets fixes">
      <legend>Before and after a fix</legend>
      {choices.map(({ index, title }) => {
        const outcome = outcomeOf(index);
        return (
          <label key={index}>
            <input type="radio" name="fix" checked={index === fix} onChange={() => onFix(index)} />
            <span>
              {title}{' '}
              <small class={`ends ends-${outcome.verdict}`}>
                {SIGNS[outcome.verdict]} {verdictWord(outcome)}
              </small>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
