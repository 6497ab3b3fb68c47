import { ProtocolError } from '@talaria/protocol';
import type { Authenticated } from '../domain/auth/authenticate.js';
import type { Domain } from '../domain/domain.js';
import type { Exchange } from './exchange.js';
import type { HttpRequest } from '../runtime/http-message.js';

const BEARER = /^Bearer +([\u0021-\u007e]+)$/i;

/** RFC 6750. @throws ProtocolError unauthenticated when there is none, invalid_token when it cannot be read */
export function bearerOf({ headers }: HttpRequest): string {
  const header = headers.get('authorization');
  if (header === undefined || header === '') throw new ProtocolError('unauthenticated', 'This needs a key or a user token.');
  const credential = BEARER.exec(header)?.[1];
  if (credential === undefined) throw new ProtocolError('invalid_token', 'The Authorization header must be Bearer and one key or token.');
  return credential;
}

export const APP_HEADER = 'talaria-app';
const PUBLIC_KEY = /^[\w-]{1,64}$/;

/** The public key of the app that the caller means, where no credential says so. @throws ProtocolError invalid_argument */
export function namedApp({ headers }: HttpRequest): string | undefined {
  const given = headers.get(APP_HEADER);
  if (given === undefined || PUBLIC_KEY.test(given)) return given;
  throw new ProtocolError('invalid_argument', 'Talaria-App must be the public key of an app.', { field: 'Talaria-App' });
}

/** For what is public: in which app, and from where. @throws ProtocolError invalid_argument, not_found, suspended */
export async function admitAnyone(domain: Domain, { request, client }: Exchange): Promise<Authenticated> {
  const publicKey = namedApp(request);
  if (publicKey === undefined) throw new ProtocolError('invalid_argument', 'The header Talaria-App must say which app is meant, by its public key.', { field: 'Talaria-App' });
  const app = await domain.apps.byPublicKey(publicKey);
  if (!app) throw new ProtocolError('not_found', 'There is no app with this public key.', { field: 'Talaria-App' });
  if (app.suspended) throw new ProtocolError('suspended');
  return { caller: { kind: 'anyone', app: app.row.id, address: client }, app };
}

/** What a 401 must say (RFC 9110, RFC 6750). */
export function challenge(error: ProtocolError): [string, string] {
  return ['www-authenticate', error.code === 'unauthenticated' ? 'Bearer realm="talaria"' : 'Bearer realm="talaria", error="invalid_token"'];
}
