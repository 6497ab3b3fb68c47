/** What only the installation's own database keeps: which tenants have databases of their own, and what is still to be removed there. */
import type { DirectoryReads, DirectoryWrites, TenantPlace } from '../routed/directory.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import type { Line } from './line.js';
import { removeApp } from './tenancy-calls.js';
import { inTransaction } from './transaction.js';

interface PlaceColumns { tenant_id: string; sealed_url: string; epoch: string | null }

export function createDirectoryCalls(ids: IdCodec): OnLine<DirectoryReads & DirectoryWrites> {
  const asPlace = (row: PlaceColumns): TenantPlace => ({ tenant: ids.text('tenant', row.tenant_id), sealedUrl: row.sealed_url, epoch: row.epoch });

  /** What the tenant has, while nobody makes an app of it. */
  async function lockTenant(line: Line, tenant: string): Promise<{ readonly apps: boolean; readonly place: PlaceColumns | undefined } | null> {
    if ((await line.query('SELECT 1 FROM tenants WHERE id = $1 FOR UPDATE', [tenant])).count === 0) return null;
    const [apps, { rows: [place] }] = await Promise.all([
      line.query('SELECT 1 FROM apps WHERE tenant_id = $1 UNION ALL SELECT 1 FROM removed_apps WHERE tenant_id = $1 LIMIT 1', [tenant]),
      line.query<PlaceColumns>('SELECT tenant_id, sealed_url, epoch FROM tenant_databases WHERE tenant_id = $1 FOR UPDATE', [tenant]),
    ]);
    return { apps: apps.count > 0, place };
  }

  return {
    async appPlace(line, app) {
      const { rows: [row] } = await line.query<PlaceColumns | { tenant_id: null }>(
        'SELECT d.tenant_id, d.sealed_url, d.epoch FROM apps a LEFT JOIN tenant_databases d ON d.tenant_id = a.tenant_id WHERE a.id = $1', [ids.uuid(app)],
      );
      return row === undefined ? undefined : row.tenant_id === null ? null : asPlace(row);
    },
    async tenantPlace(line, tenant) {
      const { rows: [row] } = await line.query<PlaceColumns>('SELECT tenant_id, sealed_url, epoch FROM tenant_databases WHERE tenant_id = $1', [ids.uuid(tenant)]);
      return row === undefined ? null : asPlace(row);
    },
    async tenantPlaces(line, limit, afterTenant) {
      const after = afterTenant === null ? FIRST_UUID : ids.uuid(afterTenant);
      const { rows } = await line.query<PlaceColumns>('SELECT tenant_id, sealed_url, epoch FROM tenant_databases WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2', [after, limit]);
      return rows.map(asPlace);
    },
    async removedApps(line, tenant, limit) {
      const { rows } = await line.query<{ app_id: string }>('SELECT app_id FROM removed_apps WHERE tenant_id = $1 ORDER BY app_id LIMIT $2', [ids.uuid(tenant), limit]);
      return rows.map((row) => ids.text('app', row.app_id));
    },
    placeTenant: (line, tenant, sealedUrl, found) => inTransaction(line, async () => {
      const id = ids.uuid(tenant);
      const held = await lockTenant(line, id);
      if (!held) return 'absent';
      const known = held.place?.epoch ?? null;
      // Rows that are there already stay reachable: only the same log, or what was restored of it, takes its place.
      if (held.apps && (!held.place || sealedUrl === null || (known !== null && (found === null || found.was !== known)))) return 'held';
      await line.query('DELETE FROM tenant_databases WHERE tenant_id = $1', [id]);
      if (sealedUrl !== null) {
        await line.query('INSERT INTO tenant_databases (tenant_id, sealed_url, epoch) VALUES ($1, $2, $3)', [id, sealedUrl, held.apps && known !== null ? found?.epoch ?? null : null]);
      }
      return 'placed';
    }),
    async noteEpoch(line, { tenant, sealedUrl, epoch }, found) {
      const { count } = await line.query(
        'UPDATE tenant_databases SET epoch = $4 WHERE tenant_id = $1 AND sealed_url = $2 AND (epoch IS NOT DISTINCT FROM $3 OR epoch = $4)', [ids.uuid(tenant), sealedUrl, epoch, found],
      );
      return count > 0;
    },
    removeTenantApp: (line, app) => inTransaction(line, async () => {
      await line.query('INSERT INTO removed_apps (app_id, tenant_id) SELECT id, tenant_id FROM apps WHERE id = $1 ON CONFLICT DO NOTHING', [ids.uuid(app)]);
      return removeApp(line, ids.uuid(app));
    }),
    async forgetRemoved(line, app) {
      await line.query('DELETE FROM removed_apps WHERE app_id = $1', [ids.uuid(app)]);
    },
  };
}
