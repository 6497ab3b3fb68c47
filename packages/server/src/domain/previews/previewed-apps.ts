import type { Domain } from '../domain.js';

/** Which apps want previews. */
export interface PreviewedApps {
  /** Whether any of them does: while none does, nobody has to read what is said. */
  some(): Promise<boolean>;
  has(app: string): Promise<boolean>;
  stop(): void;
}

/** A change is told on the bus, which may lose it. */
const KEEP_MS = 30_000;
const PAGE = 500;

export function createPreviewedApps({ apps, bus, clock, storage }: Domain): PreviewedApps {
  let known: { readonly some: boolean; readonly untilMs: number } | undefined;
  /** Counts changes: what was read before one must not be kept after it. */
  let changes = 0;
  const unlisten = bus.listen((message) => {
    if (message.kind !== 'app_changed') return;
    changes += 1;
    known = undefined;
  });

  async function look(): Promise<boolean> {
    let after: string | null = null;
    do {
      const page = await storage.apps(null, PAGE, after);
      if (page.items.some(({ linkPreviews }) => linkPreviews)) return true;
      after = page.more ? page.items.at(-1)?.id ?? null : null;
    } while (after !== null);
    return false;
  }

  return {
    async some() {
      if (known && known.untilMs > clock.monotonic()) return known.some;
      const before = changes;
      const some = await look();
      if (before === changes) known = { some, untilMs: clock.monotonic() + KEEP_MS };
      return some;
    },
    async has(app) {
      const entry = await apps.byId(app);
      return entry !== undefined && !entry.suspended && entry.row.linkPreviews;
    },
    stop: unlisten,
  };
}
