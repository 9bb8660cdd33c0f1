// The keys that move through the steps, wherever the focus is; a control that uses a key itself keeps it.
import { useEffect } from 'preact/hooks';

interface StepKeys {
  readonly frame: number;
  readonly last: number;
  readonly go: (frame: number) => void;
}

export function useStepKeys({ frame, last, go }: StepKeys): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || usesKeys(event.target)) return;
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

/** The scrubber and the target switch move by these keys themselves. */
function usesKeys(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
