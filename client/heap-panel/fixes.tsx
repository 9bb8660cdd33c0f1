// Before and after: the path as the code is, and with each fix, each with its end on the shown target. Choosing one
// replays it.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { verdictWord } from '../../simulator/outcome.ts';
import { replay } from '../../simulator/replay.ts';
import type { Target } from '../../simulator/target.ts';
import type { Outcome } from '../../simulator/timeline.ts';
import { SIGNS } from './header.tsx';
import type { Shown } from './host.ts';

/** More fixes than these are not compared. */
const COMPARED = 4;

interface FixesProps {
  readonly shown: Shown;
  readonly target: Target;
  /** Index into `shown.fixed`; null: as the code is. */
  readonly fix: number | null;
  readonly onFix: (fix: number | null) => void;
}

interface Choice {
  readonly fix: number | null;
  readonly title: string;
  readonly outcome: Outcome;
}

export function Fixes({ shown, target, fix, onFix }: FixesProps): JSX.Element | null {
  const { python, build, libc } = target;
  const choices = useMemo(
    () => choicesOf(shown, { python, build, libc, bits: 64 }),
    [shown, python, build, libc],
  );
  if (choices.length < 2) return null;
  return (
    <fieldset class="targets fixes">
      <legend>Before and after a fix</legend>
      {choices.map(({ fix: index, title, outcome }) => (
        <label key={index}>
          <input type="radio" name="fix" checked={index === fix} onChange={() => onFix(index)} />
          <span>
            {title}{' '}
            <small class={`ends ends-${outcome.verdict}`}>
              {SIGNS[outcome.verdict]} {verdictWord(outcome)}
            </small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function choicesOf({ path, fixed }: Shown, target: Target): readonly Choice[] {
  const before = { fix: null, title: 'As it is', outcome: replay(path, target).outcome };
  const after = fixed
    .slice(0, COMPARED)
    .map((each, fix) => ({ fix, title: each.title, outcome: replay(each.path, target).outcome }));
  return [before, ...after];
}
