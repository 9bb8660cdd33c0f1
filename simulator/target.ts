// What a replay runs on. Layouts and constants for each value are in versions.ts.

export const PYTHONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14'] as const;
export const LIBCS = [
  'glibc-2.31',
  'glibc-2.35',
  'glibc-2.36',
  'glibc-2.39',
  'glibc-2.41',
] as const;
/** release: no environment variable set; any other: the value of PYTHONMALLOC. */
export const BUILDS = ['release', 'debug', 'malloc', 'malloc_debug'] as const;

export interface Target {
  readonly python: (typeof PYTHONS)[number];
  readonly build: (typeof BUILDS)[number];
  readonly libc: (typeof LIBCS)[number];
  readonly bits: 64;
}

export const RELEASE: Target = { python: '3.11', build: 'release', libc: 'glibc-2.36', bits: 64 };
export const DEBUG: Target = { ...RELEASE, build: 'debug' };

/** The Python to show first of those that a project is for: the usual one, or the nearest after or before it. */
export function usualPython(allowed: readonly string[] | null): Target['python'] {
  const known = PYTHONS.filter((python) => allowed === null || allowed.includes(python));
  const usual = PYTHONS.indexOf(RELEASE.python);
  const later = known.find((python) => PYTHONS.indexOf(python) >= usual);
  return later ?? known.at(-1) ?? RELEASE.python;
}

/** The builds on which a finding is shown first. */
export function usualTargets(python: Target['python']): readonly Target[] {
  return [RELEASE, DEBUG].map((target) => ({ ...target, python }));
}

/** Raised when a change of the model changes what a replay shows. */
export const MODEL = 1;

/** A `model` as it stands at the head of a view: `SIMULATED: CPython 3.11, …`. */
export function modelLabel(model: string): string {
  return model.replace(/^simulated/, 'SIMULATED');
}

export function targetName(target: Target): string {
  return `CPython ${target.python}, ${buildName(target.build)}, ${target.libc.replace('-', ' ')}`;
}

export function buildName(build: Target['build']): string {
  return build === 'release' ? 'release build' : `PYTHONMALLOC=${build}`;
}

/** `release build, PYTHONMALLOC=malloc`, `PYTHONMALLOC=debug and malloc_debug` */
export function buildNames(builds: readonly Target['build'][]): string {
  const set = builds.filter((build) => build !== 'release');
  const names = [
    ...builds.filter((build) => build === 'release').map(buildName),
    ...(set.length === 0 ? [] : [`PYTHONMALLOC=${set.join(' and ')}`]),
  ];
  return names.join(', ');
}

/** Whether a value from outside is a target of this model. */
export function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false;
  const { python, build, libc, bits }: Readonly<Record<string, unknown>> = { ...value };
  return (
    PYTHONS.some((each) => each === python) &&
    BUILDS.some((each) => each === build) &&
    LIBCS.some((each) => each === libc) &&
    bits === 64
  );
}
