// The files that steps of a check hand to each other: how they are named, read and written.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { writeAtomic } from '../files/write-atomic.ts';
import { type IndexedFile, readIndex } from '../parts/index-file.ts';
import type { Plan } from '../parts/plan.ts';
import { reasonOf } from './check-command.ts';
import { UsageError } from './exit.ts';

/** By their ends: `.idx` of step index, `.plan` of step link, `.report` of step check. */
export const SUFFIXES = { index: '.idx', plan: '.plan', report: '.report' } as const;

export interface ListedFile {
  readonly path: string;
  readonly kind: 'index' | 'report';
}

/** Names, where `@list` stands for the lines of that file. Throws UsageError for a name with another end. */
export function listedFiles(names: readonly string[], cwd: string): readonly ListedFile[] {
  return withLists(names, cwd).map((path) => {
    if (path.endsWith(SUFFIXES.index)) return { path, kind: 'index' };
    if (path.endsWith(SUFFIXES.report)) return { path, kind: 'report' };
    throw new UsageError(`'${path}' is neither an index (.idx) nor a report (.report) of a step.`);
  });
}

/** With the lines of the file in place of `@file`. */
export function withLists(names: readonly string[], cwd: string): readonly string[] {
  return names.flatMap((name) => {
    if (!name.startsWith('@')) return [name];
    const lines = readFileOrFail(resolve(cwd, name.slice(1))).split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  });
}

/** Throws UsageError when it cannot be read. */
export function readFileOrFail(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read '${path}': ${reasonOf(error)}`);
  }
}

/** Throws UsageError when it cannot be read, or is not what `step index` writes. */
export function readIndexFile(path: string, cwd: string): IndexedFile {
  const text = readFileOrFail(resolve(cwd, path));
  try {
    return readIndex(text);
  } catch {
    throw new UsageError(`'${path}' is no index: write it with step index.`);
  }
}

/** Throws UsageError when it cannot be read, or is not what `step link` writes. */
export function readPlanFile(path: string, cwd: string): Plan {
  const text = readFileOrFail(resolve(cwd, path));
  try {
    const plan: unknown = JSON.parse(text);
    if (isPlan(plan)) return plan;
  } catch {
    // It is no JSON.
  }
  throw new UsageError(`'${path}' is no plan: write it with step link.`);
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'facts' in value && 'own' in value;
}

/** What has not changed is not written: its time tells the build engine so. Throws UsageError. */
export function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {
    // It is not there yet.
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeAtomic(path, text);
  } catch (error) {
    throw new UsageError(`cannot write '${path}': ${reasonOf(error)}`);
  }
}
