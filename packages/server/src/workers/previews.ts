import type { PreviewedApps } from '../domain/previews/previewed-apps.js';
import type { Previewer } from '../domain/previews/previewer.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/port.js';
import type { EventRow } from '../storage/rows.js';
import { defaultRunnerBounds, type Batch, type Consumer } from './runner.js';
import { createTurns, type Turns } from './turns.js';

interface PreviewBatch extends Batch {
  /** Those that may have to do with links. */
  readonly facts: readonly EventRow[];
}

const BATCH_MAX = 500;
/** Nobody waits any more for a preview of what was said before that, as after an outage. */
export const AGE_MAX_MS = 600_000;
/** How often the consumer moves on while no app wants previews: its lease and its place are writes. */
export const IDLE_MS = 60_000;

/**
 * Hands messages with links to the previewer, which looks at them while the log is read on: a page that is slow keeps nobody waiting.
 * What waits there when the process ends gets no preview.
 */
export function createPreviewConsumer(storage: Pick<Storage, 'info' | 'factsAfterPosition' | 'commitProgress'>, apps: PreviewedApps, previewer: Previewer, clock: Clock): Consumer<PreviewBatch> {
  return {
    name: 'previews',
    batch_max: BATCH_MAX,
    async read(position, limit) {
      if (!await apps.some()) {
        const info = await storage.info();
        return info.position > position ? { position: info.position, more: false, facts: [] } : null;
      }
      const facts = await storage.factsAfterPosition(position, limit);
      const last = facts.at(-1);
      return last ? { position: last.position, more: facts.length >= limit, facts: facts.filter(mayMatter) } : null;
    },
    async handle({ position, facts }, lease) {
      const fromMs = clock.now() - AGE_MAX_MS;
      for (const { app, stream, seq, targetSeq, timeMs } of facts) {
        if (timeMs >= fromMs && await apps.has(app)) previewer.add({ app, conversation: stream, seq: targetSeq ?? seq, bodySeq: seq });
      }
      return storage.commitProgress(lease, position, []);
    },
  };
}

/**
 * Runs the consumer as often as it is needed.
 *
 * @param runner of the consumer; it is not run by itself
 */
export function createPreviewWorker(runner: Turns, apps: PreviewedApps, clock: Clock): Turns {
  let idleUntilMs = 0;

  async function work(): Promise<void> {
    // Who cannot ask finds out in the runner, which says so.
    const some = await apps.some().catch(() => true);
    if (!some && clock.monotonic() < idleUntilMs) return;
    idleUntilMs = clock.monotonic() + IDLE_MS;
    await runner.turn();
  }

  const turns = createTurns(clock, defaultRunnerBounds.poll_ms, work);
  return {
    ...turns,
    async stop() {
      await turns.stop();
      await runner.stop();
    },
  };
}

/** An edit matters without links, too: the text before it may have had some. */
function mayMatter({ type, actor, redacted, payload }: EventRow): boolean {
  if (redacted) return false;
  return type === 'message.updated' || (type === 'message.created' && actor !== null && /https?:/i.test(payload));
}
