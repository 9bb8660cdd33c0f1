// What a user can choose; the same for the command line, the language server and package.json.
import { CONFIDENCES, type Confidence } from './finding.ts';

export interface Settings {
  /** Rule ids to leave out. */
  readonly ignore: readonly string[];
  /** Findings below this confidence are dropped. */
  readonly minConfidence: Confidence;
}

export const DEFAULT_SETTINGS: Settings = { ignore: [], minConfidence: 'likely' };

export function atLeast(confidence: Confidence, minimum: Confidence): boolean {
  return CONFIDENCES.indexOf(confidence) <= CONFIDENCES.indexOf(minimum);
}
