// What a replay runs on. Layouts and constants for each value are in versions.ts.

export const PYTHONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13'] as const;
export const LIBCS = [
  'glibc-2.31',
  'glibc-2.35',
  'glibc-2.36',
  'glibc-2.39',
  'glibc-2.41',
] as const;
/** release: no environment variable set; debug: PYTHONMALLOC=debug. */
export const BUILDS = ['release', 'debug'] as const;

export interface Target {
  readonly python: (typeof PYTHONS)[number];
  readonly build: (typeof BUILDS)[number];
  readonly libc: (typeof LIBCS)[number];
  readonly bits: 64;
}

export const RELEASE: Target = { python: '3.11', build: 'release', libc: 'glibc-2.36', bits: 64 };
export const DEBUG: Target = { ...RELEASE, build: 'debug' };

export function targetName(target: Target): string {
  const mode = target.build === 'debug' ? 'PYTHONMALLOC=debug' : 'release build';
  return `CPython ${target.python}, ${mode}, ${target.libc.replace('-', ' ')}`;
}
