/**
 * Talaria as it is started by default: SQLite, durable, uWebSockets.js; or a node on the Postgres and the NATS that it is given. Only the rate
 * limits are off, and, as its peers have none, the search index, unless it is started with `--search`.
 */
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { createServer, ensureAdminKey } from '@talaria/server';
import { readFileSync } from 'node:fs';
import type { Home, Stage, SubjectName, Target } from '../subject.js';
import { followsOf, serve, type Served } from './serve.js';

type Server = Awaited<ReturnType<typeof createServer>>;

const OFF = { per_s: 0, burst: 1 };
/** Nodes of a cluster share it. */
const SECRET = Buffer.alloc(32, 'bench');
/** Of the tables in Postgres; none by default. */
const PARTITIONS = Number(process.env['TALARIA_DATABASE_PARTITIONS'] ?? 0);
const SEARCH = process.argv.includes('--search');
const MEMBERS_AT_ONCE = 100;
const CALLS_AT_ONCE = 64;

async function start(stage: Stage, home: Home): Promise<Served> {
  const { server, start_ms } = await open(home);
  const { path } = await ensureAdminKey(server, home.directory);
  const installation = connectAdmin({ url: server.url, key: readFileSync(path, 'utf8').trim() });
  const tenant = await installation.tenants.create({ name: 'bench' });
  const app = await installation.apps.create({ tenant_id: tenant.id, name: 'bench' });
  const backend = connectAdmin({ url: server.url, key: (await installation.keys.create({ app_id: app.id })).secret });
  const minted = await inTurns(Array.from({ length: stage.clients }, (_, at) => at), (at) => backend.auth.token({ external_id: `client-${at}`, expires_in_s: 86_400 }));
  const users = minted.map(({ user_id: id }) => id);
  const rooms = await inTurns(stage.rooms, (members) => makeRoom(backend, stage, members.map((at) => users[at]!), users));
  return {
    start_ms, stop: () => server.stop(),
    target: { subject: subjectOf(home), ports: [server.port], tokens: minted.map(({ token }) => token), users, rooms, follows: followsOf(stage), app: app.public_key },
  };
}

async function startAgain(target: Target, home: Home): Promise<Served> {
  const { server, start_ms } = await open(home);
  return { target, start_ms, stop: () => server.stop() };
}

const subjectOf = ({ services }: Home): SubjectName => (services.nats ? 'talaria-cluster' : services.postgres ? 'talaria-postgres' : SEARCH ? 'talaria-search' : 'talaria');

async function open({ directory, port, services }: Home): Promise<{ readonly server: Server; readonly start_ms: number }> {
  const beganMs = performance.now();
  const server = await createServer({
    data: directory, port, limits: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF, search: SEARCH,
    ...(services.postgres ? { database: { url: services.postgres, partitions: PARTITIONS }, secret: SECRET } : {}), ...(services.nats ? { nats: { servers: [services.nats] } } : {}),
  });
  const { ready } = await server.domain.status();
  if (!ready) throw new Error('it listens, but is not ready');
  return { server, start_ms: performance.now() - beganMs };
}

/** Senders are the first clients; they are members of every room. */
async function makeRoom(backend: Admin, { senders }: Stage, members: readonly string[], users: readonly string[]): Promise<string> {
  const all = [...new Set([...users.slice(0, senders), ...members])];
  const { conversation_id: id } = await backend.conversations.create({ member_ids: all.slice(0, MEMBERS_AT_ONCE) });
  for (let at = MEMBERS_AT_ONCE; at < all.length; at += MEMBERS_AT_ONCE) await backend.members.add({ conversation_id: id, member_ids: all.slice(at, at + MEMBERS_AT_ONCE) });
  return id;
}

async function inTurns<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += CALLS_AT_ONCE) results.push(...await Promise.all(items.slice(at, at + CALLS_AT_ONCE).map(run)));
  return results;
}

serve({ start, startAgain });
