// What C under test says about itself: `// expect: rule-id "part of message"` on the line of a finding,
// `// FP: rule-id why` where one is wrong and yet made, `// FN: rule-id why` where one is missing.
// Knows nothing of the analyzer.

export interface Annotation {
  readonly kind: 'expect' | 'FP' | 'FN';
  readonly line: number;
  readonly rule: string;
  /** Of `expect`: a part of the message, or empty. Of the others: why the answer is wrong. */
  readonly text: string;
}

const ANNOTATION = /\/\/ (expect|FP|FN): ([a-z-]+) ?(.*?)(?= *\/\/ (?:expect|FP|FN): |$)/g;

/** Throws an Error with the line when an annotation is not complete. */
export function annotationsOf(text: string): readonly Annotation[] {
  return text.split('\n').flatMap((content, index) => {
    const line = index + 1;
    const found = [...content.matchAll(ANNOTATION)].map(([whole, kind, rule, rest]) =>
      annotation({ whole, kind, line, rule: rule ?? '', rest: rest?.trim() ?? '' }),
    );
    if (found.length !== (content.match(/\b(?:expect|FP|FN):/g) ?? []).length)
      throw new Error(`line ${line} has an annotation that does not read: ${content.trim()}`);
    return found;
  });
}

interface Parts {
  readonly whole: string;
  readonly kind: string | undefined;
  readonly line: number;
  readonly rule: string;
  readonly rest: string;
}

function annotation({ whole, kind, line, rule, rest }: Parts): Annotation {
  if (kind === 'FP' || kind === 'FN') {
    if (rest === '') throw new Error(`line ${line} does not say why: ${whole}`);
    return { kind, line, rule, text: rest };
  }
  const part = /^(?:"(.+)")?$/.exec(rest);
  if (part === null) throw new Error(`line ${line} has no quoted part of a message: ${whole}`);
  return { kind: 'expect', line, rule, text: part[1] ?? '' };
}

/** Functions whose names end in `_ok` or `_bad`, with the lines of their bodies, both included. */
export interface NamedFunction {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Finds them by layout: a body ends at the next line that is a lone closing brace. */
export function namedFunctions(text: string): readonly NamedFunction[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = /^(?!#|\s).*?\b(\w+_(?:ok|bad))\s*\(/.exec(line)?.[1];
    if (name === undefined || line.trimEnd().endsWith(';')) return [];
    const end = lines.findIndex(
      (each, at) => at >= index && /^\}|\{.*\}\s*(?:\/\/.*)?$/.test(each),
    );
    return end < 0 ? [] : [{ name, from: index + 1, to: end + 1 }];
  });
}
