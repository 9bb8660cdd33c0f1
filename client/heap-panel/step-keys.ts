// The keys that move through the steps, wherever the focus is; a control that uses a key itself keeps it.
import { useLayoutEffect } from 'preact/hooks';

interface StepKeys {
  readonly frame: number;
  readonly last: number;
  readonly go: (frame: number) => void;
}

export function useStepKeys({ frame, last, go }: StepKeys): void {
  // Before the next key can come: a listener that still knew the last frame would lose a quick key.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || usesKey(event.target, event.key))
        return;
      const next = targetOf(event.key, frame, last);
      if (next === null) return;
      event.preventDefault();
      go(next);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [frame, last, go]);
}

function targetOf(key: string, frame: number, last: number): number | null {
  switch (key) {
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'ArrowRight':
    case 'j':
      return frame + 1;
    case 'ArrowLeft':
    case 'k':
      return frame - 1;
    default:
      return null;
  }
}

/** The scrubber moves by arrows, Home and End itself; so does the target switch by arrows, and a list by letters. */
function usesKey(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  return key.startsWith('Arrow') || (target.type === 'range' && (key === 'Home' || key === 'End'));
}
