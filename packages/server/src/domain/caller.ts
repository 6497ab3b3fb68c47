import { ProtocolError } from '@talaria/protocol';
import type { OperatorRole, Scope } from '@talaria/protocol/operations';
import type { Domain } from './domain.js';

/** Who asks. The app comes from the credential, never from a URL or body (ISO1). */
export type Caller =
  | { readonly kind: 'user'; readonly app: string; readonly userId: string; /** Of the built-in identity, when the token is of one. */ readonly session?: string }
  | { readonly kind: 'backend'; readonly app: string; readonly keyId: string; readonly scopes: readonly Scope[]; readonly operator?: never }
  /** An operator who has named an app: a backend of it, within what the role allows. */
  | { readonly kind: 'backend'; readonly app: string; readonly keyId?: never; readonly scopes: readonly Scope[]; readonly operator: ActingOperator }
  | { readonly kind: 'admin'; readonly keyId: string }
  | { readonly kind: 'operator'; readonly operator: ActingOperator }
  | Anyone;

/** Somebody who runs the installation, and is signed in. */
export interface ActingOperator {
  readonly id: string;
  readonly role: OperatorRole;
  readonly sessionId: string;
}

/** Who has not shown yet who they are, in an app that they have named. */
export interface Anyone {
  readonly kind: 'anyone';
  readonly app: string;
  /** Where they are, after trusted proxies. */
  readonly address: string;
}

/** A caller who belongs to an app. */
export type AppCaller = Exclude<Caller, { kind: 'admin' } | { kind: 'operator' } | Anyone>;
/** A caller who administers the installation. */
export type Manager = Extract<Caller, { kind: 'admin' } | { kind: 'operator' }>;

/** The operator behind a request, whether they act for an app or not. */
export function operatorBehind(caller: Caller | undefined): ActingOperator | undefined {
  return caller?.kind === 'operator' || caller?.kind === 'backend' ? caller.operator : undefined;
}

/** @throws ProtocolError forbidden for an admin key and an operator, who belong to no app; unauthenticated for anyone */
export function appCaller(caller: Caller): AppCaller {
  if (caller.kind === 'anyone') throw new ProtocolError('unauthenticated', 'This needs a key or a user token.');
  if (caller.kind === 'admin') throw new ProtocolError('forbidden', "An admin key belongs to no app. Use one of the app's keys.");
  if (caller.kind === 'operator') throw new ProtocolError('forbidden', 'Say for which app, by the header Talaria-Act-For.');
  return caller;
}

/** @throws ProtocolError forbidden for whoever has shown a credential */
export function anyone(caller: Caller): Anyone {
  if (caller.kind !== 'anyone') throw new ProtocolError('forbidden', 'This is asked over HTTP, without a credential.');
  return caller;
}

/** @throws ProtocolError forbidden for whoever does not administer the installation */
export function manager(caller: Caller): Manager {
  if (caller.kind !== 'admin' && caller.kind !== 'operator') throw new ProtocolError('forbidden', 'This needs an admin key, or an operator.');
  return caller;
}

/** As whom reads are done: the user, or null for the app's backend. */
export function viewerOf(caller: AppCaller): string | null {
  return caller.kind === 'user' ? caller.userId : null;
}

/**
 * A user by Talaria's id or the customer's own.
 *
 * @param ref `u_…`, `ext:…`, or `me` for the caller
 * @throws ProtocolError not_found, invalid_argument
 */
export async function resolveUser(domain: Domain, caller: AppCaller, ref: string, field = 'user_id'): Promise<string> {
  if (ref === 'me') {
    if (caller.kind !== 'user') throw new ProtocolError('invalid_argument', '`me` needs a user token.', { field });
    return caller.userId;
  }
  if (!ref.startsWith('ext:')) return ref;
  const user = await domain.storage.userByExternalId(caller.app, ref.slice(4));
  if (!user) throw new ProtocolError('not_found', 'There is no such user.', { field });
  return user.id;
}

/**
 * Whose own things are asked for: a user's own, or those of whom a backend names.
 *
 * @param ref as `resolveUser` takes it
 * @throws ProtocolError forbidden, not_found, invalid_argument
 */
export async function resolveOwner(domain: Domain, caller: AppCaller, ref: string): Promise<string> {
  const owner = await resolveUser(domain, caller, ref);
  if (caller.kind === 'user' && owner !== caller.userId) throw new ProtocolError('forbidden', 'A user reads and changes only their own.');
  return owner;
}
