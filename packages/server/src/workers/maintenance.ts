import { limits } from '@talaria/protocol';
import type { Bus } from '../bus/port.js';
import type { Clock } from '../runtime/clock.js';
import { errorFields, type Log, type LogFields } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import type { TenantDatabases } from '../storage/routed/tenant-databases.js';
import { createTurns, type Turns } from './turns.js';

const DAY_MS = 86_400_000;
const PAGE = 500;

/**
 * Regular work on the store: retention (VIS5), old command keys (SND2) and what was revoked and has ended by itself; in databases of tenants also what apps have left that are gone.
 * What fails for one app or tenant keeps no other waiting, and is tried again in the next round.
 */
export function createMaintenance(storage: Storage, bus: Bus, clock: Clock, log: Log, databases?: TenantDatabases, every_ms = 600_000): Turns {

  async function retention(): Promise<void> {
    let after: string | null = null;
    do {
      const page = await storage.apps(null, PAGE, after);
      for (const app of page.items) {
        if (app.retentionDays === null) continue;
        await attempt({ app: app.id }, async () => {
          const changed = await storage.applyRetention(app.id, clock.now() - app.retentionDays! * DAY_MS, PAGE);
          for (const one of changed) bus.publish({ kind: 'evict', app: app.id, stream: one.stream, seq: one.floorSeq });
        });
      }
      after = page.more ? page.items.at(-1)?.id ?? null : null;
    } while (after !== null);
  }

  async function keys(of: Storage): Promise<void> {
    const beforeMs = clock.now() - limits.command_key_days * DAY_MS;
    let after: string | null = null;
    do after = (await of.pruneKeys(beforeMs, PAGE, after)).next;
    while (after !== null);
  }

  async function identity(of: Storage): Promise<void> {
    while (await of.pruneIdentity(clock.now(), PAGE) >= PAGE);
  }

  async function tenants(): Promise<void> {
    if (!databases) return;
    for await (const tenant of databases.tenants()) {
      await attempt({ tenant }, async () => {
        await keys(databases.storageOf(tenant));
        await identity(databases.storageOf(tenant));
        await databases.removeLeft(tenant);
      });
    }
  }

  async function attempt(of: LogFields, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => log.warn('maintenance.failed', { ...of, ...errorFields(error) }));
  }

  return createTurns(clock, every_ms, () => attempt({}, async () => {
    await retention();
    await keys(storage);
    await identity(storage);
    await tenants();
  }));
}
