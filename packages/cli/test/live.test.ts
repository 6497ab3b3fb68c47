/** What is live, over two nodes on one Postgres and one NATS: signals, typing and presence find who is connected to the other one. */
import { connect, type Client } from '@talaria/sdk';
import { live, type Live } from '@talaria/sdk/live';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { json, startServer, tempDirectory, type Started } from './support/cli.js';

let postgres: PostgresServer;
let nats: NatsServer;
let nodes: readonly Started[] = [];
let app: { readonly public_key: string; readonly key: { readonly secret: string } };
const clients: Client[] = [];

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const env = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url };
  const first = await startServer(tempDirectory(), [], { env });
  const data = tempDirectory();
  copyFileSync(join(first.data, 'secrets.json'), join(data, 'secrets.json'));
  nodes = [first, await startServer(data, [], { env })];
  app = await json(['app', 'create', 'chat', '--with-key'], { env: { TALARIA_URL: first.url, TALARIA_KEY_FILE: join(first.data, 'admin-key') } });
}, 60_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all([postgres.stop(), nats.stop()]);
});

interface Person {
  readonly client: Client;
  readonly live: Live;
}

async function person(name: string, node: number): Promise<Person> {
  const { url } = nodes[node]!;
  const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: url, TALARIA_KEY: app.key.secret } });
  const client = connect({ url, app: app.public_key, token });
  clients.push(client);
  await client.ready();
  return { client, live: live(client) };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise<void>((resolve) => void setTimeout(resolve, 5));
};
/** Again until it has come: what is published before a node follows is lost, and may be. */
async function again(act: () => void, condition: () => boolean): Promise<void> {
  while (!condition()) {
    act();
    await new Promise<void>((resolve) => void setTimeout(resolve, 50));
  }
}

it('[SIG1,SIG2,PRS3,CLU1] reaches and shows who is connected to another node, with every device of theirs', async () => {
  const ann = await person('ann', 0);
  const [phone, laptop] = [await person('ben', 1), await person('ben', 0)];
  const room = await ann.client.conversations.create({ kind: 'group', members: ['ext:ben'] });
  const ben = phone.client.userId;

  const got: string[] = [];
  for (const [name, device] of [['phone', phone], ['laptop', laptop]] as const) device.live.onSignal(({ type }) => void got.push(`${name} ${type}`));
  await again(() => void ann.live.signal(ben, 'ring'), () => got.includes('phone ring') && got.includes('laptop ring'));

  const [typing, shown] = [ann.live.typing(room), phone.live.typing(phone.client.conversations.open(room.id))];
  await again(() => typing.start(), () => shown.users.length > 0);
  expect(shown.users).toEqual([ann.client.userId]);
  typing.stop();
  await until(() => shown.users.length === 0);

  const watch = ann.live.watch([ben]);
  await until(() => watch.get(ben)?.devices === 2);
  phone.live.setAway(true);
  laptop.live.setAway(true);
  await until(() => watch.get(ben)?.state === 'away');
  phone.live.setAway(false);
  await until(() => watch.get(ben)?.state === 'online');
  await laptop.client.close();
  await until(() => watch.get(ben)?.devices === 1);
  await nodes[1]!.stop();
  await until(() => watch.get(ben)?.state === 'offline');
}, 60_000);

it('a key of the app sends signals over HTTP', async () => {
  const cora = await person('cora', 0);
  const got: string[] = [];
  cora.live.onSignal(({ userId, type }) => void got.push(`${type} of "${userId}"`));
  await again(() => void fetch(`${nodes[0]!.url}/v1/signals`, {
    method: 'POST', headers: { authorization: `Bearer ${app.key.secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ user_id: 'ext:cora', type: 'alarm' }),
  }), () => got.length > 0);
  expect(got[0]).toBe('alarm of ""');
});
