// The product with an analyzer that reports what a test wants, so that the commands are tested alone.
import { NO_STATS } from '../../server/check.ts';
import type { Product } from '../../server/cli/check-run.ts';
import type { Finding } from '../../server/finding.ts';
import type { Settings } from '../../server/settings.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { RULE } from './sample-report.ts';

/** Finds no mistake in any text. */
const PARSER: Parser = {
  backend: 'wasm',
  language: 'c',
  in: () => PARSER,
  parse: (text) => ({
    type: 'translation_unit',
    start: 0,
    end: text.length,
    field: '',
    children: [],
    missing: false,
  }),
};

export interface FakeProduct extends Product {
  /** What the analyzer was asked for, in order. */
  readonly asked: { readonly files: readonly string[]; readonly settings: Settings }[];
}

export function fakeProduct(...findings: readonly Finding[]): FakeProduct {
  const asked: FakeProduct['asked'] = [];
  return {
    asked,
    rules: [RULE, { ...RULE, id: 'double-free' }],
    version: '1.2.3',
    cache: () => null,
    page: () => {
      throw new Error('this product has no pages');
    },
    engine: {
      loadParser: () => Promise.resolve(PARSER),
      check(files, _parser, settings) {
        asked.push({ files: files.map(({ file }) => file), settings });
        const stats = { ...NO_STATS, files: files.length, lines: 15, functions: 2, steps: 20 };
        return Promise.resolve({ findings, skipped: [], stats });
      },
      why() {
        throw new Error('this analyzer explains nothing');
      },
    },
  };
}
