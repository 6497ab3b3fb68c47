/** Databases of tenants beside the installation's own, on Postgres. */
import { ProtocolError } from '@talaria/protocol';
import { createKeyring } from './domain/auth/keyring.js';
import type { Clock } from './runtime/clock.js';
import { errorFields, type Log } from './runtime/log.js';
import type { Random } from './runtime/random.js';
import { checkOf } from './runtime/secrets.js';
import { shownUrl } from './runtime/shown-url.js';
import type { Storage } from './storage/port.js';
import { openPostgres, type PostgresOptions, type PostgresTimeouts } from './storage/postgres/driver.js';
import type { Directory } from './storage/routed/directory.js';
import { defaultShardBounds } from './storage/routed/shard.js';
import { createTenantDatabases, type TenantDatabases } from './storage/routed/tenant-databases.js';

export interface TenantDatabasesChoice {
  /** Databases of tenants that this node is connected to at once. Default 32. */
  readonly databases_max?: number;
  /** Connections to each of them, besides the one that appends. Default 4. */
  readonly connections?: number;
}

export const TENANT_DATABASES_MAX = 32;
export const TENANT_DATABASE_CONNECTIONS = 4;
const IDLE_MS = 300_000;
const CHECK_MS = 1_000;
/** Nobody who waits for one tenant's database is to wait for long. */
const TIMEOUTS: Partial<PostgresTimeouts> = { connect_timeout_ms: 3_000, wait_timeout_ms: 5_000 };

export interface TenantDatabasesOptions {
  readonly directory: Directory;
  /** As the installation's own database is opened. */
  readonly postgres: Omit<PostgresOptions, 'url' | 'claim' | 'tenant'>;
  /** Of the installation's own database. */
  readonly epoch: string;
  readonly secret: Uint8Array;
  readonly choice: TenantDatabasesChoice;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** @returns the installation's storage, which finds each app's database by itself, and what there is to do with those of tenants */
export function routeTenants(options: TenantDatabasesOptions): { readonly storage: Storage; readonly databases: TenantDatabases } {
  const { directory, postgres, secret, choice, clock, log } = options;
  const keyring = createKeyring(secret, options.random);
  const own = checkOf(secret);
  return createTenantDatabases({
    directory, clock, shown: shownUrl,
    bounds: { ...defaultShardBounds, open_max: choice.databases_max ?? TENANT_DATABASES_MAX, idle_ms: IDLE_MS, check_ms: CHECK_MS },
    seal: (tenant, url) => keyring.seal('tenant-database', Buffer.from(url), tenant).toString('base64url'),
    unseal(tenant, sealedUrl) {
      const url = keyring.open('tenant-database', Buffer.from(sealedUrl, 'base64url'), tenant);
      if (!url) throw new Error('its URL was not sealed with the secret of this installation');
      return url.toString();
    },
    async open(tenant, url, epoch, adopt) {
      const storage = await openPostgres({
        ...postgres, url, tenant: { tenant, epoch, adopt, directory: options.epoch }, timeouts: { ...TIMEOUTS, ...postgres.timeouts }, connections_max: choice.connections ?? TENANT_DATABASE_CONNECTIONS,
        claim(known) {
          if (known !== null && known !== own) throw new Error('it was made with the secret of another installation');
          return own;
        },
      });
      try {
        const info = await storage.info();
        log.info('tenant_database.opened', { tenant, database: shownUrl(url) });
        return { storage, info };
      } catch (error) {
        await storage.stop();
        throw error;
      }
    },
    failed(tenant, error) {
      const cause = error instanceof ProtocolError && error.cause !== undefined ? error.cause : error;
      log.warn('tenant_database.failed', { tenant, ...errorFields(cause) });
    },
  });
}
