// What the reader must see first: the finding, that this is a simulation, on which build, how it ends.
import type { JSX } from 'preact';
import { verdictWord } from '../../simulator/outcome.ts';
import { modelLabel } from '../../simulator/target.ts';
import type { Timeline, Verdict } from '../../simulator/timeline.ts';
import { VerdictTable } from './verdict-table.tsx';

interface HeaderProps {
  readonly title: string;
  readonly timeline: Timeline;
  /** Why the page opened on its target; null: there was nothing to choose. */
  readonly why: string | null;
  /** The switch of what it is replayed on. */
  readonly targets: JSX.Element;
  readonly exports: JSX.Element;
  readonly onOutcome: () => void;
}

/** For each verdict the sign that goes before its word. */
export const SIGNS: Readonly<Record<Verdict, string>> = {
  crash: '✕',
  'crash-later': '✕',
  overlap: '◆',
  silent: '●',
  leak: '○',
  clean: '✓',
};

export function Header({
  title,
  timeline,
  why,
  targets,
  exports,
  onOutcome,
}: HeaderProps): JSX.Element {
  const { outcome, path, model } = timeline;
  return (
    <header class="header">
      <div class="titles">
        <h1>{title}</h1>
        <p class="facts">
          <code class="rule">{path.rule}</code>
          <span class="simulated">{modelLabel(model)}</span>
        </p>
      </div>
      {targets}
      <VerdictTable path={path} why={why} />
      <p class={`verdict verdict-${outcome.verdict}`}>
        <strong>
          <span aria-hidden="true">{SIGNS[outcome.verdict]} </span>
          {verdictWord(outcome)}
        </strong>{' '}
        <span>{outcome.summary}</span>{' '}
        <button type="button" class="link" onClick={onOutcome}>
          Show step {outcome.frame}
        </button>{' '}
        {exports}
      </p>
    </header>
  );
}
