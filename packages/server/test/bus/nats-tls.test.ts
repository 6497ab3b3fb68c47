/** Real NATS servers with TLS and credentials: what is taken, what ends the start, and with which words. */
import { nkeys } from '@nats-io/transport-node';
import { createAuthority, startNats, type NatsServer } from '@talaria/services';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectNatsBus, type NatsBusOptions } from '../../src/bus/nats/nats-bus.js';
import { checkTls, identityOf } from '../../src/bus/nats/tls.js';
import type { Bus } from '../../src/bus/port.js';
import { systemClock } from '../../src/runtime/clock.js';
import { createTestIds } from '../storage/ids.js';
import { recordingLog } from '../support/recording-log.js';
import { ear } from './contract.js';

const authority = createAuthority();
const stranger = createAuthority('Somebody else');
const own = authority.issue(['node']);
const folder = mkdtempSync(join(tmpdir(), 'talaria-nats-tls-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const ids = createTestIds(8);
const opened: Bus[] = [];
const servers: NatsServer[] = [];

const certified = (name: string, names: readonly string[]): string[] => {
  const { cert, key } = authority.issue(names);
  return ['--tls', '--tlscert', file(`${name}.crt`, cert), '--tlskey', file(`${name}.key`, key)];
};
async function start(args: readonly string[]): Promise<NatsServer> {
  const server = await startNats({ own: true, args });
  servers.push(server);
  return server;
}

let guarded: NatsServer;
let mutual: NatsServer;
let misnamed: NatsServer;
let plain: NatsServer;
beforeAll(async () => {
  chmodSync(folder, 0o755);
  [guarded, mutual, misnamed, plain] = await Promise.all([
    start([...certified('guarded', ['127.0.0.1', 'localhost']), '--user', 'node', '--pass', 'right']),
    // Its certificate is for the address alone.
    start([...certified('mutual', ['127.0.0.1']), '--tlsverify', '--tlscacert', file('ca.pem', authority.ca)]),
    start(certified('misnamed', ['localhost', 'nats.example.com'])), start([]),
  ]);
});
afterEach(() => Promise.all(opened.splice(0).map((bus) => bus.stop())));
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

async function node(servers_: string, more: Partial<NatsBusOptions> = {}): Promise<Bus> {
  const bus = await connectNatsBus({
    servers: [servers_], prefix: 'test', epoch: 'one', clock: systemClock(), log: recordingLog(), name: 'node', bounds: { probe_ms: 50, silent_ms: 200, reconnect_ms: 20, connect_timeout_ms: 1_500 }, ...more,
  });
  opened.push(bus);
  return bus;
}

const at = ({ port }: NatsServer, who = '', scheme = 'nats', host = '127.0.0.1'): string => `${scheme}://${who}${host}:${port}`;

/** What one says reaches the other. */
async function talk(near: Bus, far: Bus): Promise<void> {
  const [app, stream] = [ids.id('app'), ids.id('conversation')];
  far.follow(app, stream);
  const there = ear(far);
  for (let seq = 1; there.heard.length === 0; seq += 1) {
    near.publish({ kind: 'evict', app, stream, seq });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(there.heard[0]).toMatchObject({ kind: 'evict', app, stream });
  there.stop();
}

describe('NATS over TLS', () => {
  it('[CLU2] carries what nodes say, by address and by name, with user and password', async () => {
    const tls = { ca: authority.ca };
    await talk(await node(at(guarded, 'node:right@'), { tls }), await node(at(guarded, 'node:right@', 'tls', 'localhost'), { tls }));
  });

  it('[CLU2] shows the certificate of the node, where the server asks for one', async () => {
    const tls = { ca: authority.ca, ...own };
    await talk(await node(at(mutual), { tls }), await node(at(mutual, '', 'tls'), { tls }));
  });

  it('[CLU2] goes on when the server was killed and is back', async () => {
    const tls = { ca: authority.ca };
    const [near, far] = [await node(at(guarded, 'node:right@'), { tls }), await node(at(guarded, 'node:right@'), { tls })];
    await talk(near, far);
    guarded.process!.signal('SIGKILL');
    while (near.alive() || far.alive()) await new Promise((resolve) => setTimeout(resolve, 5));
    await guarded.restart();
    while (!near.alive() || !far.alive()) await new Promise((resolve) => setTimeout(resolve, 5));
    await talk(near, far);
  });

  const UNTRUSTED = 'NATS has a certificate that is not signed by ';
  it.each([
    ['another authority', () => node(at(guarded, 'node:right@'), { tls: { ca: stranger.ca } }), `${UNTRUSTED}the authority in nats_ca`],
    ['no authority', () => node(at(guarded, 'node:right@')), `${UNTRUSTED}an authority that this machine knows; name its authority in nats_ca`],
    ['no authority, and tls://', () => node(at(guarded, 'node:right@', 'tls')), `${UNTRUSTED}an authority that this machine knows; name its authority in nats_ca`],
    ['another name', () => node(at(misnamed), { tls: { ca: authority.ca } }), /^NATS has a certificate that is not for 127\.0\.0\.1:\d+, as nats_url calls it$/],
    ['a wrong password', () => node(at(guarded, 'node:hunter2@'), { tls: { ca: authority.ca } }), /^NATS refuses this node: Authorization Violation; see nats_url and nats_credentials$/i],
    ['no password', () => node(at(guarded), { tls: { ca: authority.ca } }), /^NATS refuses this node: Authorization Violation; see nats_url and nats_credentials$/i],
    ['no certificate of the node', () => node(at(mutual), { tls: { ca: authority.ca } }), 'NATS asks for a certificate of this node; set nats_cert and nats_key'],
    ["a stranger's certificate", () => node(at(mutual), { tls: { ca: authority.ca, ...stranger.issue(['node']) } }), 'NATS does not take the certificate in nats_cert; its own authority must have signed it'],
    ['a server without TLS, and an authority', () => node(at(plain), { tls: { ca: authority.ca } }), 'NATS does not speak TLS; switch it on there, or leave out nats_ca, nats_cert and tls://'],
    ['a server without TLS, and tls://', () => node(at(plain, '', 'tls')), 'NATS does not speak TLS; switch it on there, or leave out nats_ca, nats_cert and tls://'],
    ['credentials that are none', () => node(at(plain), { credentials: Buffer.from('hello') }), 'nats_credentials holds no credentials as nsc writes them'],
    ['a certificate without its key', () => node(at(mutual), { tls: { ca: authority.ca, cert: own.cert } }), 'nats_cert and nats_key need each other'],
    ['a key of another certificate', () => node(at(mutual), { tls: { cert: own.cert, key: authority.issue(['x']).key } }), /^nats_ca, nats_cert and nats_key cannot be used together: \S+/],
    ['a file of something else', () => node(at(guarded), { tls: { ca: 'hello' } }), 'nats_ca holds no certificate in PEM form'],
  ])('[BAD bus.credentials] ends the start with one sentence for %s, and without the password', async (_what, begin, words) => {
    const said = await begin().then(() => 'started', (error: unknown) => (error instanceof Error ? error.message : ''));
    if (typeof words === 'string') expect(said).toBe(words);
    else expect(said).toMatch(words);
    expect(said).not.toMatch(/right|hunter2|\n/);
  });

  it('takes a certificate for one of the addresses, and for localhost only where that was asked for', () => {
    const certificate = (subjectaltname: string) => ({ subject: { CN: 'x' }, subjectaltname }) as unknown as Parameters<ReturnType<typeof identityOf>>[1];
    const check = identityOf(['10.0.0.1:4222', '[fd00::1]:4222', 'nats.example.com:4222']);
    expect(check('localhost', certificate('IP Address:10.0.0.1'))).toBeUndefined();
    expect(check('localhost', certificate('DNS:localhost'))).toBeInstanceOf(Error);
    expect(check('localhost', certificate('IP Address:10.0.0.2'))).toBeInstanceOf(Error);
    expect(check('nats.example.com', certificate('DNS:nats.example.com'))).toBeUndefined();
    expect(check('nats.example.com', certificate('IP Address:10.0.0.1'))).toBeInstanceOf(Error);
    expect(identityOf(['localhost:4222'])('localhost', certificate('DNS:localhost'))).toBeUndefined();
    expect(() => checkTls({})).not.toThrow();
  });
});

describe('NATS with a credentials file', () => {
  /** A token as `nsc` makes them: what it says, signed by whoever issues it. */
  function token(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, name: string, nats: object): string {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const said = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode({ jti: name, iat: 1_700_000_000, iss: issuer.getPublicKey(), name, sub: subject.getPublicKey(), nats: { ...nats, version: 2 } })}`;
    return `${said}.${Buffer.from(issuer.sign(Buffer.from(said))).toString('base64url')}`;
  }
  const limits = { subs: -1, data: -1, payload: -1 };
  const anywhere = { imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  function credentials(account: nkeys.KeyPair): Buffer {
    const user = nkeys.createUser();
    const text = token(account, user, 'node', { type: 'user', pub: {}, sub: {}, ...limits });
    return Buffer.from(`-----BEGIN NATS USER JWT-----\n${text}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${Buffer.from(user.getSeed()).toString()}\n------END USER NKEY SEED------\n`);
  }

  it('[CLU2] carries what nodes say, and takes nobody whom another account has signed', async () => {
    const [operator, account, other] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
    const config = [
      `operator: ${token(operator, operator, 'operator', { type: 'operator' })}`, 'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${token(operator, account, 'account', { type: 'account', limits: { ...limits, ...anywhere } })} }`,
    ].join('\n');
    const server = await start(['-c', file('operator.conf', config)]);
    await talk(await node(at(server), { credentials: credentials(account) }), await node(at(server), { credentials: credentials(account) }));
    const refused = await node(at(server), { credentials: credentials(other) }).then(() => 'started', (error: unknown) => (error instanceof Error ? error.message : ''));
    expect(refused).toMatch(/^NATS refuses this node: Authorization Violation; see nats_url and nats_credentials$/i);
    await expect(node(at(server))).rejects.toThrow('NATS refuses this node');
  });
});
