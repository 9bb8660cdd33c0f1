// The page's entry: finds where to draw and what to show, and listens for another path.
import { render } from 'preact';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { isTarget, usualPython } from '../../simulator/target.ts';
import {
  asRecord,
  createHost,
  embeddedReplay,
  type PagePlace,
  type SavedState,
  type Shown,
  type TitledPath,
} from './host.ts';
import { Panel, type PanelState } from './panel.tsx';

const host = createHost();
const root = document.getElementById('heap-panel') ?? document.getElementById('root') ?? newRoot();

function newRoot(): HTMLElement {
  const element = document.createElement('div');
  document.body.append(element);
  return element;
}

let drawn: PanelState = { kind: 'waiting' };

interface Outside {
  readonly leader?: PagePlace;
  readonly cursor?: readonly number[];
}

function draw(state: PanelState, { leader, cursor }: Outside = {}): void {
  drawn = state;
  const key = state.kind === 'shown' ? showCount : 0;
  const outside = { leader: leader ?? null, cursor: cursor ?? null };
  render(<Panel key={key} host={host} state={state} {...outside} />, root);
}

let showCount = 0;

/** `restored`: from a saved state, which also knows the frame. */
function show(given: SavedState, restored: unknown): void {
  showCount++;
  const { path, title, fixed, python } = given;
  try {
    const shown: Shown = {
      path: readFlaggedPath(path),
      title: typeof title === 'string' ? title : 'Simulated crash',
      python: usualPython(typeof python === 'string' ? [python] : null),
      fixed: Array.isArray(fixed) ? fixed.flatMap(fixedPath) : [],
    };
    draw({ kind: 'shown', shown, restored: asRecord(restored) });
  } catch (error) {
    draw({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Nothing where it cannot be replayed. */
function fixedPath(value: unknown): readonly TitledPath[] {
  const { path, title } = asRecord(value) ?? {};
  try {
    return typeof title === 'string' ? [{ path: readFlaggedPath(path), title }] : [];
  } catch {
    return [];
  }
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = asRecord(event.data);
  if (message?.['type'] === 'go') {
    const { target, frame } = message;
    if (isTarget(target) && typeof frame === 'number') draw(drawn, { leader: { target, frame } });
    return;
  }
  if (message?.['type'] === 'cursor') {
    const { steps } = message;
    if (Array.isArray(steps)) draw(drawn, { cursor: steps.filter(Number.isInteger) });
    return;
  }
  if (message?.['type'] !== 'show') return;
  const saved = host.saved();
  const same = JSON.stringify(saved?.path) === JSON.stringify(message['path']);
  show(message, same ? saved : null);
});

function start(): void {
  const saved = host.saved();
  try {
    const embedded = embeddedReplay();
    if (embedded !== null) show(embedded, embedded);
    else if (saved?.path !== undefined) show(saved, saved);
    else draw({ kind: 'waiting' });
  } catch (error) {
    draw({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
  host.ready();
}

start();
