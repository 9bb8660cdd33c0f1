// The list of findings in the page of `check --output-format html`: chooses what the heap panel beside it
// replays. Talks to the panel as an editor does, by a message; knows nothing of what is inside it.
interface Shown {
  readonly title: string;
  /** A flagged path; null: there is nothing to replay. */
  readonly path: unknown;
}

const data: readonly Shown[] = JSON.parse(document.getElementById('findings')?.textContent ?? '[]');
const entries = [...document.querySelectorAll<HTMLAnchorElement>('.findings a')];
const articles = [...document.querySelectorAll<HTMLElement>('.finding')];
const panel = document.getElementById('heap-panel');
let current = -1;

function choose(wanted: number): void {
  const index = Math.max(0, Math.min(wanted, data.length - 1));
  const shown = data[index];
  if (shown === undefined || index === current) return;
  current = index;
  for (const [at, entry] of entries.entries()) {
    if (at === index) entry.setAttribute('aria-current', 'true');
    else entry.removeAttribute('aria-current');
  }
  for (const [at, article] of articles.entries()) article.hidden = at !== index;
  entries[index]?.scrollIntoView({ block: 'nearest' });
  if (panel !== null) panel.hidden = shown.path === null;
  if (shown.path !== null) {
    window.postMessage({ type: 'show', path: shown.path, title: shown.title }, '*');
  }
}

function chooseByHash(): void {
  const number = Number(/^#finding-(\d+)$/.exec(location.hash)?.[1] ?? 1);
  choose(number - 1);
}

function go(index: number): void {
  const bounded = Math.max(0, Math.min(index, data.length - 1));
  location.hash = `#finding-${bounded + 1}`;
}

window.addEventListener('hashchange', chooseByHash);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
  if (event.key === 'n') go(current + 1);
  else if (event.key === 'p') go(current - 1);
});
chooseByHash();
