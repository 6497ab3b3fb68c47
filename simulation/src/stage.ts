/** Two apps: one where everything happens, and one beside it of which nothing may be seen. */
import { messageHash } from '@talaria/checker';
import { executeOperation, Lane, type Caller, type MemoryStore } from '@talaria/server/internals';
import type { OperationId, OperationOutput } from '@talaria/protocol/operations';
import { Backend, type BackendParts } from './backend.js';
import type { LogStream } from './chronicle.js';
import { Device, type DeviceParts } from './device.js';
import { DeviceStore } from './device-store.js';
import type { Dice } from './dice.js';
import type { SimNode } from './node.js';

export interface AppStage {
  readonly id: string;
  readonly publicKey: string;
  readonly backend: Backend;
  /** Ids by external id. */
  readonly users: ReadonlyMap<string, string>;
  readonly conversations: string[];
  /** Of links to join, as somebody was told them. */
  readonly codes: string[];
  /** Operations that somebody has done, and not only tried. */
  readonly done: Set<OperationId>;
  readonly devices: readonly Device[];
}

export interface Stage {
  readonly main: AppStage;
  readonly other: AppStage;
}

const ADMIN: Caller = { kind: 'admin', keyId: 'k_00000000000000000000000000' };
const RETENTION_DAYS = 30;
const EVERYTHING = 1_000_000_000;
/** How long one waits who is not let in. */
const AWAY_MS = 500;

/** Sets everything up before anything goes wrong. */
export async function setStage(node: SimNode, parts: DeviceParts & BackendParts, dice: Dice): Promise<Stage> {
  const tenant = await op(node, ADMIN, 'tenants.create', { name: 'tenant' });
  const main = await makeApp(node, parts, dice.named('main'), { tenant: tenant.id, name: 'main', users: 3 + dice.below(2), conversations: 2 + dice.below(2), devices: 2 });
  const other = await makeApp(node, parts, dice.named('other'), { tenant: tenant.id, name: 'other', users: 2, conversations: 1, devices: 1 });
  return { main, other };
}

/** Streams of both apps: also those of which nobody has been told that they were made. */
export function streamsOf({ main, other }: Stage, { calls }: MemoryStore): LogStream[] {
  const found = new Map<string, LogStream>();
  for (const { id: app, users, conversations } of [main, other]) for (const stream of [...conversations, ...users.values()]) found.set(stream, { app, stream });
  for (const { app, stream } of calls.factsAfterPosition(0, EVERYTHING)) found.set(stream, { app, stream });
  return [...found.values()];
}

/** Notes what somebody was told about what they have done. */
export function told(app: Pick<AppStage, 'conversations' | 'codes' | 'done'>, id: OperationId, output: Readonly<Record<string, unknown>>): void {
  app.done.add(id);
  const { conversation_id: made, code } = output;
  if (id === 'conversations.create' && typeof made === 'string' && !app.conversations.includes(made)) app.conversations.push(made);
  if (id === 'links.create' && typeof code === 'string') app.codes.push(code);
}

/** A text that only one app knows. */
export const canaryText = (app: string): string => `only for ${app}`;

interface Wanted {
  readonly tenant: string;
  readonly name: string;
  readonly users: number;
  readonly conversations: number;
  /** Most of one user. */
  readonly devices: number;
}

async function makeApp(node: SimNode, parts: DeviceParts & BackendParts, dice: Dice, wanted: Wanted): Promise<AppStage> {
  const app = await op(node, ADMIN, 'apps.create', { tenant_id: wanted.tenant, name: wanted.name, retention_days: RETENTION_DAYS });
  const key = await op(node, ADMIN, 'keys.create', { app_id: app.id });
  const caller: Caller = { kind: 'backend', app: app.id, keyId: key.id, scopes: key.scopes };
  const users = new Map<string, string>();
  for (let at = 0; at < wanted.users; at += 1) {
    const name = `${wanted.name}-${at}`;
    users.set(name, (await op(node, caller, 'users.create', { external_id: name })).id);
  }
  const ids = [...users.values()];
  const conversations: string[] = [];
  for (let at = 0; at < wanted.conversations; at += 1) {
    // Not everybody is everywhere.
    const members = ids.filter((_id, index) => index === 0 || dice.chance(0.8));
    const made = await op(node, caller, 'conversations.create', { member_ids: members, history: dice.chance(0.5) ? 'all' : 'from_join', name: `room ${at}`, ...(dice.chance(0.5) ? { as_user_id: ids[0] } : {}) });
    conversations.push(made.conversation_id);
  }
  const known = { conversations, codes: [], done: new Set<OperationId>() };
  const backend = new Backend(parts, app.id, key.secret, dice.named('backend'), (id, output) => told(known, id, output));
  backend.canary(messageHash(canaryText(app.id), {}));
  const devices = [...users].flatMap(([external, user]) => Array.from({ length: 1 + dice.below(wanted.devices) }, (_, at) => {
    const name = `${external}-${at}`;
    const own = dice.named(name);
    return new Device(parts, {
      name, app: app.id, publicKey: app.public_key, user, ...viewing(at, own),
      async token() {
        // Who is deactivated gets none until they are active again.
        for (;;) {
          const minted = await backend.ask('auth.token', { external_id: external, expires_in_s: 20 + own.below(100) });
          if (minted) return minted.token;
          await parts.scheduler.sleep(AWAY_MS, `${name} is not let in`);
        }
      },
      told: (id, output) => told(known, id, output),
    }, new DeviceStore(own.named('store')), own);
  }));
  return { id: app.id, publicKey: app.public_key, backend, users, devices, ...known };
}

/** Who keeps cursors is at every head in the end, whatever the server sends of its own accord. */
function viewing(at: number, dice: Dice): { readonly kind: 'consumer' | 'view'; readonly follow: number } {
  if (at === 0 || dice.chance(0.5)) return { kind: 'consumer', follow: dice.pick([200, 200, 1, 0]) };
  return { kind: 'view', follow: 200 };
}

async function op<Id extends OperationId>(node: SimNode, caller: Caller, id: Id, input: Readonly<Record<string, unknown>>): Promise<OperationOutput<Id>> {
  const { domain } = node.running;
  return await executeOperation(domain, caller, id, input, { clientId: domain.ids.uuid(), traceId: null, lane: new Lane() }) as OperationOutput<Id>;
}
