// What a replay is called when it is saved: by its rule and its place.
import { baseName } from './place-text.ts';
import type { OpenedReplay } from './heap-page.ts';

/** A page holds the whole replay, a picture one step of it. */
export type SavedForm = 'html' | 'svg';

/** `mismatched-free-wordbag-42.html`, `mismatched-free-wordbag-42-step-5.svg` */
export function savedName(form: SavedForm, { path, frame }: OpenedReplay): string {
  const at = path.steps[path.fault]?.at;
  const file = at === undefined ? '' : baseName(at.file).replace(/\.[^.]*$/, '');
  const step = form === 'svg' && frame !== undefined ? ['step', String(frame)] : [];
  const parts = [path.rule, file, at === undefined ? '' : String(at.line), ...step];
  const name = parts.map(fileText).filter((part) => part !== '');
  return `${name.join('-')}.${form}`;
}

/** What every file system takes. */
function fileText(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60);
}
