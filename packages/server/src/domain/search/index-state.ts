import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Storage } from '../../storage/port.js';
import type { SearchState } from '../../storage/search/port.js';
import type { Domain } from '../domain.js';
import { requireSearch } from './messages.js';

function view(tenant: string | undefined, { generation, position, behindMs, building }: SearchState): OperationOutput<'search.status'> {
  return { tenant_id: tenant ?? null, generation, position, lag_ms: Math.round(behindMs), building };
}

/** @throws ProtocolError not_found */
export async function storageOf(domain: Domain, tenant: string | undefined): Promise<Storage> {
  if (tenant === undefined) return domain.storage;
  const row = await domain.storage.tenant(tenant);
  if (!row) throw new ProtocolError('not_found', 'There is no such tenant.', { field: 'tenant_id' });
  if (row.sealedDatabase === undefined || !domain.databases) throw new ProtocolError('not_found', 'The tenant has no database of its own; ask without tenant_id.', { field: 'tenant_id' });
  return domain.databases.storageOf(tenant);
}

/** @throws ProtocolError not_found, unknown_operation, unavailable */
export async function searchStatus(domain: Domain, { tenant_id: tenant }: OperationInput<'search.status'>): Promise<OperationOutput<'search.status'>> {
  requireSearch(domain);
  return view(tenant, await (await storageOf(domain, tenant)).searchState(domain.clock.now()));
}

/** Begins to make the index anew, unless that is under way. @throws as `searchStatus` */
export async function rebuildSearch(domain: Domain, { tenant_id: tenant }: OperationInput<'search.rebuild'>): Promise<OperationOutput<'search.rebuild'>> {
  requireSearch(domain);
  return view(tenant, await (await storageOf(domain, tenant)).rebuildSearch(domain.clock.now()));
}
