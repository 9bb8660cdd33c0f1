// The page's entry: finds where to draw and what to show, and listens for another path.
import { render } from 'preact';
import { readFlaggedPath } from '../../simulator/read-path.ts';
import { isTarget } from '../../simulator/target.ts';
import { asRecord, createHost, embeddedPath, type PagePlace, type Shown } from './host.ts';
import { Panel, type PanelState } from './panel.tsx';

const host = createHost();
const root = document.getElementById('heap-panel') ?? document.getElementById('root') ?? newRoot();

function newRoot(): HTMLElement {
  const element = document.createElement('div');
  document.body.append(element);
  return element;
}

let drawn: PanelState = { kind: 'waiting' };

function draw(state: PanelState, leader: PagePlace | null = null): void {
  drawn = state;
  const key = state.kind === 'shown' ? showCount : 0;
  render(<Panel key={key} host={host} state={state} leader={leader} />, root);
}

let showCount = 0;

/** `restored`: from a saved state, which also knows the frame. */
function show(path: unknown, title: unknown, restored: unknown): void {
  showCount++;
  try {
    const shown: Shown = {
      path: readFlaggedPath(path),
      title: typeof title === 'string' ? title : 'Simulated crash',
    };
    draw({ kind: 'shown', shown, restored: asRecord(restored) });
  } catch (error) {
    draw({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = asRecord(event.data);
  if (message?.['type'] === 'go') {
    const { target, frame } = message;
    if (isTarget(target) && typeof frame === 'number') draw(drawn, { target, frame });
    return;
  }
  if (message?.['type'] !== 'show') return;
  const saved = host.saved();
  const same = JSON.stringify(saved?.path) === JSON.stringify(message['path']);
  show(message['path'], message['title'], same ? saved : null);
});

function start(): void {
  const saved = host.saved();
  try {
    const embedded = embeddedPath();
    if (embedded !== null) show(embedded, document.title, null);
    else if (saved?.path !== undefined) show(saved.path, saved.title, saved);
    else draw({ kind: 'waiting' });
  } catch (error) {
    draw({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
  host.ready();
}

start();
