// Callbacks that a library keeps, as the text of a function hands them over: `SDL_SetEventFilter(filter, NULL)`.
import { apiRow } from '../knowledge/row.ts';
import { handleIn, isNamedForTheEnd } from './observe-threads.ts';
import { callsInText, functionIn, type TextCall } from './text-calls.ts';

export interface KeptCallback {
  readonly name: string;
  readonly api: string;
  /** Of the call, in the text. */
  readonly start: number;
  readonly end: number;
}

/** What is called with a detached thread state. */
export interface DetachedLibraries {
  readonly libraries: ReadonlySet<string>;
  /** What their functions are given then: `pa stream`. */
  readonly handles: ReadonlySet<string>;
}

/** Found whether or not the function is explored. */
export function keptCallbacks(
  text: string,
  { libraries, handles }: DetachedLibraries,
): KeptCallback[] {
  const found: KeptCallback[] = [];
  for (const call of callsInText(text, /\b([A-Za-z]\w*)\s*(?=\()/g)) {
    const { name: api, start, end } = call;
    const library = libraryOf(api);
    if (library === null || !libraries.has(library)) continue;
    const keeps = keepsCallbacks(api);
    const made = keeps ? [] : handlesMadeBy(call, text);
    if (!keeps && !made.some((handle) => handles.has(`${library} ${handle}`))) continue;
    for (const argument of call.arguments) {
      const name = functionIn(argument, text);
      if (name === null || (!keeps && isNamedForTheEnd(name))) continue;
      found.push({ name, api, start, end });
    }
  }
  return found;
}

/** By the words in its name. One that calls back at once is not told apart from one that keeps. */
function keepsCallbacks(name: string): boolean {
  return /set|regist|hook|callback|handler|filter|processor|notify|watch|finished|subscribe/i.test(
    name,
  );
}

/** `pa_open(&self->stream, …)`, `self->stream = pa_open(…)`: what it makes keeps the callbacks given along. */
function handlesMadeBy(call: TextCall, text: string): string[] {
  if (!/open|new|creat|init|make|connect/i.test(call.name)) return [];
  const assigned = /([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)?$/.exec(text.slice(0, call.start))?.[1];
  const filled = call.arguments.filter((a) => a.trim().startsWith('&')).flatMap(handleIn);
  return assigned === undefined ? filled : [assigned, ...filled];
}

/** `SDL` of SDL_PumpEvents, `PQ` of PQexec: functions of one library begin alike. null: not known. */
export function libraryOf(name: string): string | null {
  if (/^_*py/i.test(name) || apiRow(name)?.lib === 'libc') return null;
  return (
    /^([A-Za-z][A-Za-z0-9]+)_/.exec(name)?.[1] ?? /^[A-Z]{2,}(?=[a-z])/.exec(name)?.[0] ?? null
  );
}
