// What a replay of a flagged path shows, in the words of the rules: the worst of both builds.
import type { RuleDocs } from '../../server/rules/rule.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';

export function observedIn(path: FlaggedPath): RuleDocs['observed'] {
  const verdicts = [RELEASE, DEBUG].map((on) => replay(path, on).outcome.verdict);
  if (verdicts.some((verdict) => verdict !== 'clean' && verdict !== 'leak')) return 'fault';
  return verdicts.includes('leak') ? 'leak' : 'nothing';
}
