/** A server with an admin key and a log that is read, asked over HTTP. */
import { operations, type Operation, type OperationId, type OperationOutput } from '@talaria/protocol/operations';
import { admin, startWorld, type App, type World, type WorldOptions } from '../../gateway/world.js';
import { recordingLog, type RecordingLog } from '../../support/recording-log.js';
import { expectOk, jsonOf, type Reply } from './reply.js';

export interface Ask {
  /** A key or a token. */
  readonly as?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown;
}

export type Input = Readonly<Record<string, unknown>>;

export interface Scene extends App {
  readonly alice: { readonly id: string; readonly token: string };
  readonly bob: { readonly id: string; readonly token: string };
  /** With both of them. */
  readonly group: string;
}

export interface Stage {
  readonly world: World;
  readonly log: RecordingLog;
  readonly adminKey: string;
  readonly port: number;
  /** @param path with its query, as `fetch` takes it */
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** An operation, with its fields where the table wants them. */
  call(id: OperationId, input: Input, ask?: Ask): Promise<Reply>;
  /** The same, when it must be done. */
  done<Id extends OperationId>(id: Id, input: Input, ask?: Ask): Promise<OperationOutput<Id>>;
  scene(): Promise<Scene>;
  stop(): Promise<void>;
}

export async function startStage(options: WorldOptions = {}): Promise<Stage> {
  const log = recordingLog();
  const world = await startWorld({ log, ...options });
  const { secret: adminKey } = await world.op(admin, 'keys.create', {});
  const stage: Stage = {
    world, log, adminKey, port: world.server.port,
    async ask(method, path, { as, headers = {}, body } = {}) {
      const bytes = body instanceof Uint8Array ? new Uint8Array(body) : body === undefined ? null : JSON.stringify(body);
      const all = { ...(bytes !== null && { 'content-type': 'application/json' }), ...(as !== undefined && { authorization: `Bearer ${as}` }), ...headers };
      const request: RequestInit = { method, redirect: 'manual', headers: all, body: bytes };
      const response = await fetch(world.server.url + path, request);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async call(id, input, ask) {
      const { path, body } = placed(id, input);
      return stage.ask(operations[id].method, path, { ...ask, ...(body && { body }) });
    },
    async done(id, input, ask) {
      return jsonOf<OperationOutput<typeof id>>(expectOk(await stage.call(id, input, ask)));
    },
    async scene() {
      const app = await world.app();
      const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
      const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id], name: 'group' });
      return { ...app, alice, bob, group };
    },
    stop: () => world.stop(),
  };
  return stage;
}

/** Where an operation's fields stand: path, query or body. */
export function placed(id: OperationId, input: Input): { readonly path: string; readonly body: Input | undefined } {
  const operation: Operation = operations[id];
  const inPath = new Set([...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!));
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.entries(input).filter(([name]) => !inPath.has(name));
  if (operation.method !== 'GET' && operation.method !== 'DELETE') return { path, body: Object.fromEntries(rest) };
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { path: query === '' ? path : `${path}?${query}`, body: undefined };
}
