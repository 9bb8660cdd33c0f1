// What a thread that checks sends back: now and then how far it has come, and the outcome. The other side is
// worker-runner.ts.
import type { Progress } from '../check.ts';
import { type CheckRequest, type CheckRunner, NEVER_CANCELLED } from './check-runner.ts';
import type { FromWorker } from './worker-runner.ts';

/** Into how many parts a phase is cut that are told of. */
const PARTS = 25;

export async function answerCheck(
  runner: CheckRunner,
  request: CheckRequest,
  post: (message: FromWorker) => void,
): Promise<void> {
  let told = '';
  const tell = (progress: Progress): void => {
    const part = `${progress.phase} ${Math.floor((PARTS * progress.done) / progress.of)}`;
    if (part === told) return;
    told = part;
    post({ kind: 'progress', progress });
  };
  post({ kind: 'outcome', outcome: await runner.check(request, NEVER_CANCELLED, tell) });
}
