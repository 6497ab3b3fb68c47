/** A storage over several databases: the installation's own, and those of tenants that have one. Routes each call by its app. */
import { ProtocolError } from '@talaria/protocol';
import type { AppendOutcome } from '../command.js';
import type { SeenRow, Storage } from '../port.js';
import { refusalData } from '../refusal-data.js';
import { BY_APP, BY_FIELD, OF_DIRECTORY, OF_LOG, type AnyCall, type Calls } from './calls.js';
import type { Directory } from './directory.js';
import { createRoutes } from './routes.js';
import { added, type Shards } from './shards.js';
import type { TenantLog } from './tenant-log.js';

const PAGE = 200;

export interface RoutedStorage extends Storage {
  /** The log that an app's facts stand in: null for the installation's own, undefined while it is not known or not open. */
  logOf(app: string): TenantLog | null | undefined;
  /** Removes what is left of apps of the tenant that are gone. @throws ProtocolError unavailable while its database does not answer */
  removeLeft(tenant: string): Promise<void>;
}

/** Calls of an app whose database is known are handed on at once: without a tenant's database this costs one look into a map. */
export function createRoutedStorage(directory: Directory, shards: Shards): RoutedStorage {
  const routes = createRoutes(directory, shards);
  const { route } = routes;
  const through = (name: keyof Calls, appOf: (first: unknown) => string): [string, AnyCall] => [name, (...args) => {
    const app = appOf(args[0]);
    const storage = route(app);
    return storage ? (storage[name] as AnyCall)(...args) : routes.later(app, (found) => (found[name] as AnyCall)(...args));
  }];
  const own = (name: keyof Calls): [string, unknown] => [name, directory[name]];

  async function removeLeft(tenant: string): Promise<void> {
    for (let apps = await directory.removedApps(tenant, PAGE); apps.length > 0; apps = await directory.removedApps(tenant, PAGE)) {
      for (const app of apps) {
        await shards.of(tenant).storage.deleteApp(app);
        await directory.forgetRemoved(app);
      }
    }
  }

  return {
    ...Object.fromEntries([
      ...BY_APP.map((name) => through(name, (first) => first as string)), ...BY_FIELD.map((name) => through(name, (first) => (first as { readonly app: string }).app)),
      ...OF_DIRECTORY.map(own), ...OF_LOG.map(own),
    ]) as unknown as Omit<Calls, 'addSeen' | 'deleteApp' | 'deleteTenant'>,
    driver: directory.driver,
    append(command, lane) {
      const storage = route(command.app);
      if (storage) return storage.append(command, lane);
      const turn = lane.take();
      return routes.later(command.app, (found) => found.append(command, lane)).catch((error: unknown): AppendOutcome => {
        lane.block(command.clientId, turn);
        return refused(error);
      });
    },
    mark(update) {
      const storage = route(update.app);
      return storage ? storage.mark(update) : routes.later(update.app, (found) => found.mark(update)).catch(refused);
    },
    full: (app) => (route(app) ?? directory).full(app),
    ready: () => directory.ready(),
    commits: () => added(directory.commits(), shards.commits()),
    logOf: (app) => routes.logOf(app),
    removeLeft,
    /** Each database writes its own: one that is dead keeps no other from it. */
    async addSeen(rows) {
      const written = new Map<string | Storage, SeenRow[]>();
      for (const row of rows) {
        const where = route(row.app) ?? row.app;
        const list = written.get(where);
        if (list) list.push(row);
        else written.set(where, [row]);
      }
      const done = await Promise.allSettled([...written].map(([where, list]) =>
        (typeof where === 'string' ? routes.later(where, (found) => found.addSeen(list)) : where.addSeen(list))));
      const failed = done.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
    /** Gone at once for everybody. What stands in the tenant's database goes now, or when that answers again. */
    async deleteApp(app) {
      const place = await directory.appPlace(app);
      if (!place) return directory.deleteApp(app);
      const removed = await directory.removeTenantApp(app);
      // Nobody has to wait for it: what is left is noted, and maintenance comes back to it.
      await shards.of(place.tenant).storage.deleteApp(app).catch(() => false);
      return removed;
    },
    /** The tenant itself goes last: it is the way to what is left. */
    async deleteTenant(id) {
      if (!await directory.tenantPlace(id)) return directory.deleteTenant(id);
      for (let page = await directory.apps(id, PAGE, null); page.items.length > 0; page = await directory.apps(id, PAGE, null)) {
        for (const { id: app } of page.items) await directory.removeTenantApp(app);
      }
      await removeLeft(id);
      const deleted = await directory.deleteTenant(id);
      await shards.forget(id);
      return deleted;
    },
    async stop() {
      await shards.stop();
      await directory.stop();
    },
  };
}

function refused(error: unknown): Extract<AppendOutcome, { ok: false }> {
  return { ok: false, refusal: refusalData(error instanceof ProtocolError ? error : new ProtocolError('internal')) };
}
