import type { z } from 'zod';

/** What a key may be allowed to do. `admin` is the installation's own; the others belong to one app. */
export const scopes = [
  'admin', 'tokens:write', 'users:read', 'users:write', 'conversations:read', 'conversations:write',
  'messages:read', 'messages:write', 'usage:read', 'insight:read', 'insight:write',
] as const;
export type Scope = (typeof scopes)[number];

/** Of an app's key within its app; an admin key has them, too, and names the app where one is meant. */
export const sharedScopes: readonly Scope[] = ['usage:read', 'insight:read', 'insight:write'];

/** The scopes of an app's key when none are named. */
export const appScopes: readonly Scope[] = scopes.filter((scope) => scope !== 'admin');

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path parameters stand in braces and are fields of `input`; for GET and DELETE the rest is the query, else the body. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** Whether a user's token may call it; what the user sees is then limited to what concerns them. */
  readonly user: boolean;
  /** The scope that a key needs; null for what is public, or of a cookie. */
  readonly scope: Scope | null;
  /** Asked without a credential, of an app that a header names, over HTTP only: by it one comes to a credential. */
  readonly public?: true;
  /** Asked by the dashboard, over HTTP only: it begins, shows or ends the session of an operator, which is a cookie. */
  readonly cookie?: true;
  /** A command makes a fact and takes a client_id (SND2). */
  readonly command: boolean;
  /** A page or list that may come from a replica, which is a little behind, where a backend says so. Never what a cursor goes on from. */
  readonly eventual?: true;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
}
