// Turns what rules say about events into findings: one per rule and place, with the shortest path.
import type { FlowEvent } from './flow/events.ts';
import type { ParsedFile } from './flow/unit.ts';
import { isReported, type Reported } from './flow/relevant-events.ts';
import { placeKey } from './flow/trace.ts';
import { witness } from './flow/witness.ts';
import { mayRelease } from './knowledge/release.ts';
import { type Confidence, CONFIDENCES, type Finding } from './finding.ts';
import { Fixes } from './fixes/fixes-for.ts';
import { lostBlock, withoutRepeatedLeaks } from './repeated-leaks.ts';
import type { Report, Rule } from './rules/rule.ts';
import { atLeast, type Settings } from './settings.ts';
import type { SourceText } from './syntax/source-text.ts';

/** What a rule says of an event. */
export interface Candidate {
  readonly rule: Rule;
  readonly report: Report;
  readonly event: Reported;
  readonly confidence: Confidence;
}

export class FindingCollector {
  readonly #rules: readonly Rule[];
  readonly #sources: ReadonlyMap<string, SourceText>;
  readonly #settings: Settings;
  readonly #generated: ReadonlySet<string>;
  readonly #fixes: Fixes;
  readonly #rightAt = new Set<string>();
  readonly #candidates = new Map<string, Candidate>();

  constructor(rules: readonly Rule[], files: readonly ParsedFile[], settings: Settings) {
    this.#rules = rules;
    this.#sources = new Map(files.map((f) => [f.source.file, f.source]));
    this.#settings = settings;
    this.#fixes = new Fixes(this.#sources);
    this.#generated = new Set(files.filter((f) => f.isGenerated).map((f) => f.source.file));
  }

  add(event: FlowEvent, evidence: Confidence): void {
    if (!isReported(event) || (isAssumed(event) && !isSureOfAssumed(event))) return;
    if (isRightRelease(event)) this.#rightAt.add(placeKey(event.at));
    const isGenerated = this.#generated.has(event.at.file);
    for (const rule of this.#rules) {
      if (isGenerated && rule.inGenerated !== true) continue;
      const report = rule.check(event);
      if (report === null) continue;
      const confidence = weaker(report.confidence, isAssumed(event) ? 'likely' : evidence);
      if (!atLeast(confidence, this.#settings.minConfidence)) continue;
      // Several blocks may be lost at one place; one use of an unchecked result is enough: the first.
      const place = event.kind === 'null-dereference' ? event.allocation.calledAt : event.at;
      const key = `${rule.id}\n${placeKey(place)}\n${lostBlock(event) ?? ''}`;
      const known = this.#candidates.get(key);
      const candidate: Candidate = { rule, report, event, confidence };
      if (known === undefined || isBetter(candidate, known)) this.#candidates.set(key, candidate);
    }
  }

  /** In the order of `files`, then of places. */
  findings(files: readonly string[]): Finding[] {
    const order = new Map(files.map((file, i) => [file, i]));
    return withoutRepeatedLeaks([...this.#candidates.values()], this.#sources)
      .map((candidate) => this.#finding(candidate))
      .toSorted(
        (a, b) =>
          order.get(a.at.file)! - order.get(b.at.file)! ||
          a.at.line - b.at.line ||
          a.at.column - b.at.column ||
          (a.rule < b.rule ? -1 : 1),
      );
  }

  #finding({ rule, report, event, confidence }: Candidate): Finding {
    const { notes, flaggedPath } = witness(rule.id, event, (at) => {
      return this.#sources.get(at.file)?.line(at.line) ?? '';
    });
    return {
      rule: rule.id,
      severity: this.#settings.severity[rule.id] ?? rule.severity,
      confidence,
      at: event.at,
      message: report.message,
      path: notes,
      flaggedPath,
      fixes: this.#isRightElsewhere(event)
        ? this.#fixes.forThisPath(event, flaggedPath)
        : this.#fixes.for(report, event, flaggedPath),
    };
  }

  /** Where other paths bring blocks that the call is right for, another call would be wrong. */
  #isRightElsewhere(event: Reported): boolean {
    const isRelease = event.kind === 'release' || event.kind === 'type-release';
    return isRelease && this.#rightAt.has(placeKey(event.at));
  }
}

/** The block is only taken to be one because of how it is released. */
function isAssumed(event: Reported): boolean {
  const origin = event.subject?.origin;
  return origin?.kind === 'allocation' && origin.allocation.isAssumed;
}

/** Its family is not known, nor whether it can be NULL. */
function isSureOfAssumed(event: Reported): boolean {
  if (event.kind === 'release') return event.subject.freedBy !== null;
  return event.kind === 'leak' || event.kind === 'use';
}

/** The call is what the block should be released with. */
export function isRightRelease(event: Reported): boolean {
  if (event.kind !== 'release') return false;
  const { origin, freedBy, inside } = event.subject;
  if (freedBy !== null || inside) return false;
  return origin?.kind === 'allocation' && mayRelease(origin.allocation, event.release.row);
}

function weaker(a: Confidence, b: Confidence): Confidence {
  return CONFIDENCES.indexOf(a) >= CONFIDENCES.indexOf(b) ? a : b;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.confidence !== b.confidence) return weaker(a.confidence, b.confidence) === b.confidence;
  return (a.event.trace?.length ?? 0) < (b.event.trace?.length ?? 0);
}
