/** One database is of one tenant, or of the installation. */
import { createIdCodec } from './ids.js';
import type { Line } from './line.js';

export interface TenantClaim {
  readonly tenant: string;
  /** Of the log that is to be there; null when there has been none yet. */
  readonly epoch: string | null;
  /** Epoch of the installation's own database. */
  readonly directory: string;
  /** Take it over from another installation, or from this one before it was restored. */
  readonly adopt: boolean;
}

/**
 * Takes a database for a tenant of an installation, inside the transaction that prepares it. What was restored from a backup of the tenant's has an epoch of
 * its own and is welcome; an empty database in the place of one that was used is not: what is said there would hide what was said before.
 *
 * @throws Error with one sentence when it is another one's
 */
export async function claimForTenant(line: Line, { tenant, epoch, directory, adopt }: TenantClaim): Promise<void> {
  const id = createIdCodec().uuid(tenant);
  const { rows: [store] } = await line.query<{ epoch: string; tenant_id: string | null; directory_epoch: string | null; own: boolean; used: boolean }>(
    `SELECT epoch, tenant_id, directory_epoch, EXISTS (SELECT 1 FROM tenants) AS own, EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM streams) AS used FROM store FOR UPDATE`,
  );
  if (!store || store.own) throw new Error("it is an installation's own database; a tenant needs one of its own");
  if (store.tenant_id !== null && store.tenant_id !== id) throw new Error('it is the database of another tenant');
  if (store.directory_epoch !== null && store.directory_epoch !== directory && !adopt) {
    throw new Error('it is at work for another installation, or was for this one before that was restored; name its address again to take it over');
  }
  if (epoch !== null && store.epoch !== epoch && !store.used) throw new Error("it is empty, and the tenant's database was not; restore that first");
  await line.query('UPDATE store SET tenant_id = $1, directory_epoch = $2', [id, directory]);
}

/** @throws Error with one sentence when the database is a tenant's */
export async function refuseTenants(line: Line): Promise<void> {
  const { count } = await line.query('SELECT 1 FROM store WHERE tenant_id IS NOT NULL');
  if (count > 0) throw new Error("it is the database of a tenant; database_url names the installation's own");
}
