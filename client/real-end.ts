// How a reproduction ended on a real Python, read from what its script printed, and whether the simulator
// foretold it. Words only; runs nothing.
import type { End, Judgment } from '../simulator/judgment.ts';
import { keyOf } from '../simulator/judgment.ts';
import { lastWords } from '../simulator/outcome.ts';
import { wrap } from '../simulator/styled-text.ts';
import { buildName } from '../simulator/target.ts';
import { certaintyWords, endWords } from '../simulator/verdict-words.ts';

export interface RealEnd {
  readonly kind: 'dies here' | 'dies earlier' | 'dies later' | 'hangs' | 'clean';
  readonly signal: End['signal'];
  /** The line of standard error that people search for; empty when nothing is printed. */
  readonly lastWords: string;
  /** Two live blocks shared bytes at some time. */
  readonly isShared: boolean;
}

const SIGNALS: Readonly<Record<string, End['signal']>> = { 6: 'SIGABRT', 11: 'SIGSEGV' };

export interface Printed {
  readonly output: string;
  readonly errors: string;
}

/** A shell's word on a child that a signal ended. */
const OBITUARY = /^.*\b(?:Aborted|Segmentation fault)(?: \(core dumped\))?.*$\n?/gm;

/** null: it was not built, or ended in a way that says nothing. */
export function realEnd({ output, errors }: Printed, how: 'ended' | 'timed out'): RealEnd | null {
  const isShared = /^overlap:/m.test(output);
  if (how === 'timed out') return { kind: 'hangs', signal: null, lastWords: '', isShared };
  const died = /: died of signal (\d+)/.exec(output)?.[1];
  if (died === undefined) {
    const isDone = /^done$/m.test(output) && /: exit code 0$/m.test(output);
    return isDone ? { kind: 'clean', signal: null, lastWords: '', isShared } : null;
  }
  const signal = SIGNALS[died] ?? null;
  if (signal === null) return null;
  const text = errors.replaceAll(OBITUARY, '');
  const words = lastWords({ signal, text, reason: '', evidence: null });
  return {
    kind: /^passed/m.test(output)
      ? 'dies later'
      : /^flagged/m.test(output)
        ? 'dies here'
        : 'dies earlier',
    signal,
    lastWords: words.startsWith(': ') ? words.slice(2).replaceAll(/0x[0-9a-f]{6,}/g, '0x...') : '',
    isShared,
  };
}

/**
 * What goes on after the path meets another heap in each process: a later death may have other words, and what
 * depends on the process may end in any of the ways that were named.
 */
function isForetold({ end, others }: Judgment, real: RealEnd): boolean {
  return [end, ...others].some((each) => {
    if (each.kind === 'dies later' || each.kind === 'hangs') return real.kind === each.kind;
    if (each.signal === null)
      return real.kind === 'clean' && (each.kind === 'overlap') === real.isShared;
    return keyOf({ ...each, who: null }) === keyOf({ ...real, who: null, after: 0 });
  });
}

/** Columns. */
const WIDTH = 96;

/** Real beside simulated, for one build. */
export function comparison(judgment: Judgment, real: RealEnd | null): readonly string[] {
  const verdict =
    real === null ? 'not run' : isForetold(judgment, real) ? 'as foretold' : 'NOT as foretold';
  return [
    `${buildName(judgment.target.build)}: ${verdict}`,
    `  real:      ${real === null ? 'it was not built or did not run; see above' : `it ${realWords(real)}`}`,
    `  simulated: it ${endWords(judgment.end)}`,
    ...wrap(`             ${certaintyWords(judgment)}`, WIDTH, ' '.repeat(13)),
  ];
}

const WHEN = {
  'dies here': 'dies at the flagged step',
  'dies earlier': 'dies before the flagged step',
  'dies later': 'dies later',
} as const;

function realWords({ kind, signal, lastWords: words, isShared }: RealEnd): string {
  if (kind === 'hangs') return 'runs on and on, and was stopped';
  if (kind === 'clean')
    return isShared
      ? 'goes on, with two live blocks in the same bytes'
      : 'goes on, and nothing shows';
  return `${WHEN[kind]} with ${signal}${words === '' ? ', and prints nothing' : `: ${words}`}`;
}
