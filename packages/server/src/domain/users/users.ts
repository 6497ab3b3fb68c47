import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { UserRow } from '../../storage/rows.js';
import { resolveUser, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { userView, type UserView } from '../views.js';

const notFound = (): ProtocolError => new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });

/** Gets the user with this external id, made on first use. Safe to call at once from several places. */
export function ensureUser(domain: Domain, app: string, profile: { externalId: string; name?: string | undefined; data?: object | undefined }): Promise<UserRow> {
  const nowMs = domain.clock.now();
  return domain.storage.createUser({
    app, id: domain.ids.id('user'), externalId: profile.externalId, name: profile.name ?? '', data: JSON.stringify(profile.data ?? {}), createdMs: nowMs, updatedMs: nowMs,
    tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null,
  });
}

export async function createUser(domain: Domain, caller: AppCaller, input: OperationInput<'users.create'>): Promise<UserView> {
  return userView(await ensureUser(domain, caller.app, { externalId: input.external_id, name: input.name, data: input.data }));
}

/** @throws ProtocolError not_found */
export async function getUser(domain: Domain, caller: AppCaller, input: OperationInput<'users.get'>): Promise<UserView> {
  const row = await domain.storage.user(caller.app, await resolveUser(domain, caller, input.user_id));
  if (!row) throw notFound();
  return userView(row);
}

/** Those that exist, in the order asked for. */
export async function getUsers(domain: Domain, caller: AppCaller, input: OperationInput<'users.batch'>): Promise<OperationOutput<'users.batch'>> {
  const external = input.user_ids.filter((ref) => ref.startsWith('ext:'));
  const rows = await domain.storage.usersById(caller.app, input.user_ids.filter((ref) => !ref.startsWith('ext:')));
  const named = await Promise.all(external.map((ref) => domain.storage.userByExternalId(caller.app, ref.slice(4))));
  const byRef = new Map<string, UserRow>(rows.map((row) => [row.id, row]));
  for (const row of named) if (row) byRef.set(`ext:${row.externalId}`, row);
  return { items: input.user_ids.flatMap((ref) => byRef.get(ref) ?? []).map(userView) };
}

export async function listUsers(domain: Domain, caller: AppCaller, input: OperationInput<'users.list'>): Promise<OperationOutput<'users.list'>> {
  const list = `users ${caller.app}`;
  const page = await domain.storage.users(caller.app, input.limit, openPage(domain, list, input.after));
  return { items: page.items.map(userView), next: sealPage(domain, list, page.more ? page.items.at(-1)?.id ?? null : null) };
}
