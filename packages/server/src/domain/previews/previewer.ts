/** Looks at the pages that messages link to, a few at a time, and says in the log what they are. */
import { ProtocolError, type LinkPreview } from '@talaria/protocol';
import { FetchError, type SafeFetch } from '../../runtime/safe-fetch.js';
import { Lane } from '../../storage/lane.js';
import { parseBody } from '../../storage/message-body.js';
import { commit, ownHead } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { stateOf } from '../messages/state.js';
import { fetchPreview } from './fetch-preview.js';
import { linksIn } from './links.js';

/** A message, and the fact with the text that it had when this was asked for. */
export interface PreviewTask {
  readonly app: string;
  readonly conversation: string;
  readonly seq: number;
  readonly bodySeq: number;
}

export interface PreviewCounts {
  /** Facts that were committed. */
  made: number;
  /** Pages that could not be fetched, or say nothing. */
  failed: number;
  /** Messages that were passed over because too many waited. */
  dropped: number;
}

export interface Previewer {
  /** Never waits. Beyond its bounds a task is dropped. */
  add(task: PreviewTask): void;
  readonly counts: Readonly<PreviewCounts>;
  /** Messages that wait, and those that are looked at. */
  readonly waiting: number;
  /** Resolves when nothing waits and nothing is looked at; for tests. */
  idle(): Promise<void>;
  /** Forgets what waits, and resolves when nothing is written any more. */
  stop(): Promise<void>;
}

export interface PreviewerBounds {
  /** Messages that wait: of all apps, and of one. */
  readonly waiting_max: number;
  readonly waiting_app_max: number;
  /** Messages that are looked at, each of which has a few links: of all apps, and of one. */
  readonly running_max: number;
  readonly running_app_max: number;
  /** Pages that are remembered, and for how long. */
  readonly pages_max: number;
  readonly page_ms: number;
  readonly failed_page_ms: number;
}

export const defaultPreviewerBounds: PreviewerBounds = {
  waiting_max: 1_000, waiting_app_max: 200, running_max: 8, running_app_max: 4, pages_max: 1_000, page_ms: 600_000, failed_page_ms: 60_000,
};

interface Page { readonly preview: Promise<LinkPreview | null>; untilMs: number }

/** Refusals that say that the message is not what it was. */
const OVERTAKEN: ReadonlySet<string> = new Set(['not_found', 'gone', 'conflict']);

export function createPreviewer(domain: Domain, fetch: SafeFetch, bounds: PreviewerBounds = defaultPreviewerBounds): Previewer {
  const { clock, log, storage } = domain;
  const waiting: PreviewTask[] = [];
  const waitingOf = new Map<string, number>();
  const runningOf = new Map<string, number>();
  /** By app and address: one app must not learn from the time it takes what another one says (ISO1). */
  const pages = new Map<string, Page>();
  const writing = new Set<Promise<void>>();
  const counts: PreviewCounts = { made: 0, failed: 0, dropped: 0 };
  let running = 0;
  let stopped = false;
  let idlers: (() => void)[] = [];

  function next(): void {
    while (running < bounds.running_max) {
      const at = waiting.findIndex(({ app }) => (runningOf.get(app) ?? 0) < bounds.running_app_max);
      if (at < 0) break;
      const [task] = waiting.splice(at, 1);
      count(waitingOf, task!.app, -1);
      void start(task!);
    }
    if (running > 0 || waiting.length > 0) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  }

  async function start(task: PreviewTask): Promise<void> {
    running += 1;
    count(runningOf, task.app, 1);
    try {
      await look(task);
    } catch (error) {
      // Nothing of the error itself: it could have an address in it.
      log.warn('previews.failed', { app: task.app, stream: task.conversation, error: error instanceof ProtocolError ? error.code : error instanceof Error ? error.name : 'unknown' });
    }
    running -= 1;
    count(runningOf, task.app, -1);
    next();
  }

  async function look({ app, conversation, seq, bodySeq }: PreviewTask): Promise<void> {
    const message = await storage.message(app, null, conversation, seq);
    if (!message || message.deletedMs !== null || message.bodySeq !== bodySeq || message.sender === null) return;
    const links = linksIn(parseBody(message.payload).text);
    const known = stateOf(message).previews ?? [];
    if (links.length === 0 && known.length === 0) return;
    const found = (await Promise.all(links.map((link) => pageOf(app, link)))).filter((preview) => preview !== null);
    if (stopped || (found.length === 0 && known.length === 0)) return;
    await write({ app, conversation, seq, bodySeq }, found);
  }

  async function write({ app, conversation, seq, bodySeq }: PreviewTask, previews: readonly LinkPreview[]): Promise<void> {
    // SND2: whichever nodes look at it, and however often, it is said once.
    const name = `preview ${conversation} ${seq} ${bodySeq}`;
    const written = commit(domain, {
      ...ownHead(domain, app, name), kind: 'message.preview', conversation, seq, bodySeq, previews,
    }, new Lane()).then(({ duplicate }) => {
      counts.made += duplicate ? 0 : 1;
    }, (error: unknown) => {
      if (!(error instanceof ProtocolError && OVERTAKEN.has(error.code))) throw error;
    });
    writing.add(written);
    await written.finally(() => writing.delete(written));
  }

  async function pageOf(app: string, link: string): Promise<LinkPreview | null> {
    const url = new URL(link);
    // Of one page, whichever part of it is meant.
    url.hash = '';
    const key = `${app} ${url.href}`;
    const known = pages.get(key);
    const page = known && known.untilMs > clock.monotonic() ? known : ask(key, url.href);
    const preview = await page.preview;
    return preview && { ...preview, url: link };
  }

  function ask(key: string, url: string): Page {
    pages.delete(key);
    if (pages.size >= bounds.pages_max) pages.delete(pages.keys().next().value!);
    const preview = fetchPreview(fetch, clock, url).catch((error: unknown) => {
      if (!(error instanceof FetchError)) throw error;
      return null;
    });
    // While it is asked, nobody asks it again; and what fails is not asked again at once.
    const page: Page = { preview, untilMs: clock.monotonic() + bounds.failed_page_ms };
    pages.set(key, page);
    void preview.then((found) => {
      if (found === null) counts.failed += 1;
      else page.untilMs = clock.monotonic() + bounds.page_ms;
    }, () => undefined);
    return page;
  }

  return {
    add(task) {
      if (stopped) return;
      if (waiting.length >= bounds.waiting_max || (waitingOf.get(task.app) ?? 0) >= bounds.waiting_app_max) {
        counts.dropped += 1;
        return;
      }
      waiting.push(task);
      count(waitingOf, task.app, 1);
      next();
    },
    counts,
    get waiting() {
      return waiting.length + running;
    },
    idle: () => (running === 0 && waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => void idlers.push(resolve))),
    async stop() {
      stopped = true;
      waiting.length = 0;
      await Promise.allSettled(writing);
    },
  };
}

/** Names without anything are not kept. */
function count(counts: Map<string, number>, name: string, by: number): void {
  const now = (counts.get(name) ?? 0) + by;
  if (now === 0) counts.delete(name);
  else counts.set(name, now);
}
