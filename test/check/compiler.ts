// The C and C++ compilers of the machine, asked only whether a text is valid C.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { needs } from '../needs.ts';

const CONFIG = '/usr/bin/python3-config';

export function hasPythonHeaders(): boolean {
  return existsSync(CONFIG);
}

export function needsPythonHeaders(): ReturnType<typeof needs> {
  return needs('the headers of Python', hasPythonHeaders(), `there is no ${CONFIG}`);
}

/** What python3-config says: `--includes`, `--extension-suffix`. */
export function pythonConfig(option: string): readonly string[] {
  return execFileSync(CONFIG, [option], { encoding: 'utf8' }).trim().split(/\s+/);
}

/** What the compiler has to say against each text: errors only, or nothing. */
export function compileErrors(text: string, file = 'example.c'): readonly string[] {
  const language = file.endsWith('.cpp') ? 'c++' : 'c';
  const flags = ['-fsyntax-only', '-Wall', '-x', language, ...pythonConfig('--includes'), '-'];
  const { status, stderr, error } = spawnSync(language === 'c' ? 'cc' : 'c++', flags, {
    input: text,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  const errors = stderr.split('\n').filter((line) => /(?:fatal )?error:/.test(line));
  return status === 0 ? [] : errors;
}
