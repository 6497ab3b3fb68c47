import { ProtocolError, SUBPROTOCOL, type ServerCodec } from '@talaria/protocol';
import { asProtocolError } from '../domain/as-protocol-error.js';
import { originAllowed } from '../domain/auth/allowed-origins.js';
import type { AddressGate } from '../domain/limits/address-gate.js';
import type { AppDirectory, AppEntry } from '../domain/tenancy/app-directory.js';
import { problem } from '../http/problem.js';
import type { IdSource } from '../runtime/random.js';
import type { Session } from './session.js';
import type { UpgradeAnswer, UpgradeRequest } from './transport-port.js';

export interface UpgradeDeps {
  readonly apps: AppDirectory;
  readonly gate: AddressGate;
  readonly ids: IdSource;
  readonly codecs: readonly ServerCodec[];
  /** Why no connection is taken now; undefined when one is. */
  full(): 'draining' | 'overloaded' | undefined;
  /** @param address the client's, after trusted proxies */
  connect(app: AppEntry, codec: ServerCodec, request: UpgradeRequest, address: string): Session;
}

const PATH = /^\/v1\/socket\/([A-Za-z0-9_-]{1,64})$/;

/** Decides on a socket before it is one: address, path, app, Origin, subprotocol. Nothing is read from the query. */
export function createUpgrade(deps: UpgradeDeps): (request: UpgradeRequest) => UpgradeAnswer<Session> | Promise<UpgradeAnswer<Session>> {
  const refuse = (error: unknown): UpgradeAnswer<Session> => ({ accept: false, response: problem(asProtocolError(error), deps.ids.uuid()) });
  return (request) => {
    try {
      const address = deps.gate.clientOf(request.address, request.forwardedFor);
      deps.gate.admit(address);
      const publicKey = publicKeyOf(request);
      const full = deps.full();
      if (full) throw new ProtocolError(full);
      // What is known may be old; hello looks again.
      const known = deps.apps.known(publicKey);
      if (known) return admit(deps, known, request, address);
      return appOf(deps.apps, publicKey).then((app) => admit(deps, app, request, address)).catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  };
}

function publicKeyOf(request: UpgradeRequest): string {
  const publicKey = PATH.exec(request.path)?.[1];
  if (publicKey === undefined) throw new ProtocolError('not_found', 'Sockets are at /v1/socket/{app_public_key}.');
  // A token here would stand in every proxy's log.
  if (request.query !== '') throw new ProtocolError('not_acceptable', 'The socket takes no query. Send the token in hello.');
  return publicKey;
}

function admit(deps: UpgradeDeps, app: AppEntry, request: UpgradeRequest, address: string): UpgradeAnswer<Session> {
  if (app.suspended) throw new ProtocolError('suspended');
  if (!originAllowed(app, request.origin)) throw new ProtocolError('origin_not_allowed');
  const wanted = request.subprotocols.length === 0 ? [SUBPROTOCOL] : request.subprotocols;
  const codec = deps.codecs.find((one) => wanted.includes(one.subprotocol));
  if (!codec) throw new ProtocolError('not_acceptable', `Ask for one of the subprotocols ${deps.codecs.map((one) => one.subprotocol).join(', ')}.`);
  return { accept: true, subprotocol: codec.subprotocol, connection: deps.connect(app, codec, request, address) };
}

async function appOf(apps: AppDirectory, publicKey: string): Promise<AppEntry> {
  const app = await apps.byPublicKey(publicKey).catch((cause: unknown) => {
    throw new ProtocolError('unavailable', undefined, { cause });
  });
  if (!app) throw new ProtocolError('not_found', 'There is no app with this public key.');
  return app;
}
