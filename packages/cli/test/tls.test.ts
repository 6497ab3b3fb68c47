/** A node as an operator runs it: everything that it talks to over TLS, from files that settings name. */
import { createAuthority, startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, startServer, tempDirectory } from './support/cli.js';

const authority = createAuthority();
const folder = tempDirectory();
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const ca = file('ca.pem', authority.ca);
const stranger = file('stranger.pem', createAuthority('Somebody else').ca);
let postgres: PostgresServer;
let nats: NatsServer;
let env: Record<string, string>;

beforeAll(async () => {
  const { cert, key } = authority.issue(['127.0.0.1']);
  [postgres, nats] = await Promise.all([
    startPostgres({ tls: authority.issue(['127.0.0.1']) }),
    startNats({ own: true, args: ['--tls', '--tlscert', file('nats.crt', cert), '--tlskey', file('nats.key', key), '--tlsverify', '--tlscacert', ca] }),
  ]);
  const own = authority.issue(['node']);
  env = {
    TALARIA_SECRET: Buffer.alloc(32, 9).toString('base64'), TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_DATABASE_CA: ca,
    TALARIA_NATS_URL: nats.url, TALARIA_NATS_CA: ca, TALARIA_NATS_CERT: file('node.crt', own.cert), TALARIA_NATS_KEY: file('node.key', own.key),
  };
});
afterAll(async () => {
  await Promise.all([postgres.stop(), nats.stop()]);
});

interface Cluster { readonly nodes: readonly { readonly bus: boolean; readonly ready: boolean }[] }

describe('a node whose services speak TLS', { timeout: 60_000 }, () => {
  it('starts with their authorities and its own certificate, and is on the bus', async () => {
    const server = await startServer(tempDirectory(), [], { env });
    const asAdmin = { TALARIA_URL: server.url, TALARIA_KEY_FILE: join(server.data, 'admin-key') };
    expect((await json<Cluster>(['cluster', 'status'], { env: asAdmin })).nodes).toMatchObject([{ bus: true, ready: true }]);
    await server.stop();
  });

  it.each([
    ['TALARIA_DATABASE_CA', stranger, /^error: postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be used: the server's certificate is not signed by the authority in database_ca /],
    ['TALARIA_DATABASE_CA', '', /^error: postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be used: no pg_hba\.conf entry .* set database_ca, or sslmode=verify-full in the URL/],
    ['TALARIA_NATS_CA', stranger, /^error: NATS has a certificate that is not signed by the authority in nats_ca/],
    ['TALARIA_NATS_KEY', '', /^error: nats_cert and nats_key need each other/],
    ['TALARIA_NATS_CREDENTIALS', file('none.creds', 'hello'), /^error: nats_credentials holds no credentials as nsc writes them/],
    ['TALARIA_NATS_CREDENTIALS', join(folder, 'absent.creds'), /^error: nats_credentials cannot be read: ENOENT/],
    ['TALARIA_DATABASE_REPLICA_URL', 'postgres://talaria:hunter2@127.0.0.1:1/x?sslmode=strict', /^error: postgres:\/\/127\.0\.0\.1:1\/x cannot be used: sslmode in the URL must be one of /],
  ])('[BAD cli.database] says in one line what is wrong with %s=%s', async (name, value, words) => {
    const { code, line } = await failing(['start', '--data', tempDirectory(), '--port', '0'], { env: { ...env, [name]: value } });
    expect(code).toBe(1);
    expect(line).toMatch(words);
    expect(line).not.toMatch(/hunter2|\n/);
    expect(line).not.toContain(new URL(postgres.url).password);
  });

  it('[BAD cli.database] takes no replica without the database that it is one of', async () => {
    const { line } = await failing(['start', '--data', tempDirectory(), '--port', '0'], { env: { TALARIA_DATABASE_REPLICA_URL: 'postgres://talaria:hunter2@127.0.0.1:1/x' } });
    expect(line).toContain('database_replica_url needs database_url');
    expect(line).not.toContain('hunter2');
  });
});
