import { errorInfo, SUBPROTOCOL, type ErrorCode, type ServerCodec } from '@talaria/protocol';
import type { AppDirectory, AppEntry } from '../domain/tenancy/app-directory.js';
import type { Session } from './session.js';
import type { UpgradeAnswer, UpgradeRequest } from './transport-port.js';

export interface UpgradeDeps {
  readonly apps: AppDirectory;
  readonly codecs: readonly ServerCodec[];
  /** Why no connection is taken now; undefined when one is. */
  full(): 'draining' | 'overloaded' | undefined;
  connect(app: AppEntry, codec: ServerCodec, request: UpgradeRequest): Session;
}

const PATH = /^\/v1\/socket\/([A-Za-z0-9_-]{1,64})$/;

/** Decides on a socket before it is one: path, app, Origin, subprotocol. Nothing is read from the query. */
export function createUpgrade(deps: UpgradeDeps): (request: UpgradeRequest) => Promise<UpgradeAnswer<Session>> {
  return async (request) => {
    const publicKey = PATH.exec(request.path)?.[1];
    if (publicKey === undefined) return refusal('not_found', 'Sockets are at /v1/socket/{app_public_key}.');
    // A token here would stand in every proxy's log.
    if (request.query !== '') return refusal('not_acceptable', 'The socket takes no query. Send the token in hello.');
    const full = deps.full();
    if (full) return refusal(full);
    const app = await deps.apps.byPublicKey(publicKey).catch(() => null);
    if (app === null) return refusal('unavailable');
    if (!app) return refusal('not_found', 'There is no app with this public key.');
    if (app.suspended) return refusal('suspended');
    if (!originAllowed(app, request.origin)) return refusal('origin_not_allowed');
    const wanted = request.subprotocols.length === 0 ? [SUBPROTOCOL] : request.subprotocols;
    const codec = deps.codecs.find((one) => wanted.includes(one.subprotocol));
    if (!codec) return refusal('not_acceptable', `Ask for one of the subprotocols ${deps.codecs.map((one) => one.subprotocol).join(', ')}.`);
    return { accept: true, subprotocol: codec.subprotocol, connection: deps.connect(app, codec, request) };
  };
}

/**
 * Browsers send an Origin and cannot forge it; programs send none. Without a list any origin but `null` is welcome,
 * because the token, not the page, is the credential.
 */
export function originAllowed(app: AppEntry, origin: string | undefined): boolean {
  if (origin === undefined) return true;
  const allowed = app.row.allowedOrigins;
  return origin !== 'null' && (allowed.length === 0 || allowed.includes(origin));
}

function refusal(code: ErrorCode, detail?: string): UpgradeAnswer<Session> {
  const info = errorInfo(code);
  const body = { type: `urn:talaria:error:${code}`, title: info.text, status: info.status, code, retryable: info.retryable, detail: detail ?? info.text, remediation: info.remedy };
  return { accept: false, status: info.status, contentType: 'application/problem+json', body: JSON.stringify(body) };
}
