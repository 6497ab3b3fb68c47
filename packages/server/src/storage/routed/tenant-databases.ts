/** What the server does with databases of tenants as a whole. */
import { ProtocolError } from '@talaria/protocol';
import type { Cancel } from '../../runtime/clock.js';
import type { Storage, StoreInfo } from '../port.js';
import type { Directory, TenantPlace } from './directory.js';
import { createRoutedStorage } from './routed.js';
import { Shards, type ShardsParts } from './shards.js';
import type { LogListener, OpenedDatabase, TenantLog } from './tenant-log.js';

const PAGE = 200;
/** Another node may place the tenant, or find a restored log there, at the same moment. */
const OPEN_ATTEMPTS = 3;

export interface TenantDatabases {
  /** The log of an app: null for the installation's own, undefined while it is not known or its database is not open. */
  logOf(app: string): TenantLog | null | undefined;
  listen(listener: LogListener): Cancel;
  /** Looks whether the databases that are open are still those that the directory names. */
  recheck(): void;
  /** How many are open on this node, and how many do not answer. */
  counts(): { readonly open: number; readonly down: number };
  /** For keeping a URL. */
  seal(tenant: string, url: string): string;
  /** The URL of a tenant, without user and password. */
  shown(tenant: string, sealedUrl: string): string;
  /**
   * Says where the rows of a tenant's apps stand; null: in the installation's own database. Once it has apps, only another way to the same
   * log is taken, or to what was restored of it.
   *
   * @throws ProtocolError conflict when the tenant has apps and the database there is not its own
   */
  place(tenant: string, url: string | null): Promise<'placed' | 'held' | 'absent'>;
  /** Tenants that have a database of their own, one after the other. */
  tenants(): AsyncIterable<string>;
  /** For work on the whole of a tenant's database. It is opened for that. */
  storageOf(tenant: string): Storage;
  /** Removes what is left of apps that are gone. @throws ProtocolError unavailable */
  removeLeft(tenant: string): Promise<void>;
}

export interface TenantDatabasesParts extends Pick<ShardsParts, 'clock' | 'bounds' | 'failed'> {
  readonly directory: Directory;
  readonly seal: (tenant: string, url: string) => string;
  /** @throws Error when it was not sealed with this installation's secret */
  readonly unseal: (tenant: string, sealedUrl: string) => string;
  readonly shown: (url: string) => string;
  /**
   * Connects, migrates, and takes the database for the tenant.
   *
   * @param epoch of the log that is to be there @param adopt take it over from another installation @throws Error with one sentence
   */
  readonly open: (tenant: string, url: string, epoch: string | null, adopt: boolean) => Promise<{ readonly storage: Storage; readonly info: StoreInfo }>;
}

export function createTenantDatabases(parts: TenantDatabasesParts): { readonly storage: Storage; readonly databases: TenantDatabases } {
  const { directory } = parts;

  async function open(tenant: string): Promise<OpenedDatabase> {
    for (let attempt = 1; attempt <= OPEN_ATTEMPTS; attempt += 1) {
      const place = await directory.tenantPlace(tenant);
      if (!place) throw new Error('the tenant has no database of its own any more');
      const opened = await parts.open(tenant, parts.unseal(tenant, place.sealedUrl), place.epoch, place.epoch === null);
      // Before anything is said there: from now on an empty database cannot take its place.
      const noted = await directory.noteEpoch(place, opened.info.epoch).catch(async (error: unknown) => {
        await opened.storage.stop();
        throw error;
      });
      if (noted) return { ...opened, sealedUrl: place.sealedUrl };
      await opened.storage.stop();
    }
    throw new Error('the tenant is being placed elsewhere at this moment');
  }

  const shards = new Shards({
    clock: parts.clock, bounds: parts.bounds, failed: parts.failed, open,
    // A directory that does not answer says nothing about the tenant's database.
    moved: (tenant, sealedUrl) => directory.tenantPlace(tenant).then((place) => place?.sealedUrl !== sealedUrl, () => false),
  });
  const storage = createRoutedStorage(directory, shards);

  /** Whether a tenant that has been used would find its own there. */
  async function tryAt({ tenant, epoch }: TenantPlace, url: string): Promise<string> {
    try {
      const opened = await parts.open(tenant, url, epoch, true);
      await opened.storage.stop();
      return opened.info.epoch;
    } catch (error) {
      throw new ProtocolError('conflict', `${parts.shown(url)} cannot take the place of the tenant's database: ${error instanceof Error ? error.message : 'it cannot be used'}.`, { field: 'database_url', cause: error });
    }
  }

  return {
    storage,
    databases: {
      logOf: storage.logOf, removeLeft: storage.removeLeft,
      listen: (listener) => shards.listen(listener),
      recheck: () => shards.recheck(),
      counts: () => shards.counts,
      seal: parts.seal,
      shown: (tenant, sealedUrl) => parts.shown(parts.unseal(tenant, sealedUrl)),
      async place(tenant, url) {
        const sealed = url === null ? null : parts.seal(tenant, url);
        let answer = await directory.placeTenant(tenant, sealed, null);
        const place = answer === 'held' && url !== null ? await directory.tenantPlace(tenant) : null;
        if (place && place.epoch !== null && url !== null) answer = await directory.placeTenant(tenant, sealed, { was: place.epoch, epoch: await tryAt(place, url) });
        if (answer === 'placed') await shards.forget(tenant);
        return answer;
      },
      async *tenants() {
        for (let page = await directory.tenantPlaces(PAGE, null); page.length > 0; page = await directory.tenantPlaces(PAGE, page.at(-1)!.tenant)) {
          for (const { tenant } of page) yield tenant;
        }
      },
      storageOf: (tenant) => shards.of(tenant).storage,
    },
  };
}
