/** The package as it is published, installed where nothing else is. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../store/support/place.js';

const SDK = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

describe('the published package', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const npm = (...args: string[]): string => execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: directory.path, encoding: 'utf8', env: { ...process.env, npm_config_cache: join(directory.path, 'cache'), npm_config_loglevel: 'error' },
  });
  /** @returns what is in the package, by path */
  const pack = (from: string): { readonly tarball: string; readonly bytes: number; readonly files: readonly string[] } => {
    const [packed] = JSON.parse(npm('pack', from, '--json')) as [{ filename: string; size: number; files: { path: string }[] }];
    return { tarball: join(directory.path, basename(packed.filename)), bytes: packed.size, files: packed.files.map(({ path }) => path) };
  };
  const installed = (path: string): string => readFileSync(join(directory.path, 'node_modules/@talaria/sdk', path), 'utf8');
  const node = (kind: 'module' | 'commonjs', code: string, ...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, `--input-type=${kind}`, '-e', code], { cwd: directory.path, encoding: 'utf8' }).trim();
  let files: readonly string[];
  let bytes: number;

  beforeAll(() => {
    directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'package.json'), '{ "name": "app", "private": true }');
    const sdk = pack(SDK);
    const socket = pack(join(MODULES, 'ws'));
    ({ files, bytes } = sdk);
    npm('install', socket.tarball, sdk.tarball);
  }, 120_000);
  afterAll(() => directory.remove());

  it('holds what is built, and nothing else', () => {
    expect(files.filter((path) => !/^(?:dist\/[\w.-]+\.(?:c?js|d\.c?ts)|package\.json|README\.md|LICENSE|NOTICE)$/.test(path))).toEqual([]);
    for (const entry of ['index', 'node', 'admin', 'identity', 'live', 'calls', 'state', 'views', 'react']) for (const kind of ['js', 'cjs', 'd.ts', 'd.cts']) expect(files).toContain(`dist/${entry}.${kind}`);
  });

  it('holds the licence, and is small', () => {
    expect(installed('LICENSE')).toBe(readFileSync(join(MODULES, '../LICENSE'), 'utf8'));
    expect(bytes).toBeLessThan(350_000);
    // No map is named that is not there.
    for (const path of files.filter((name) => name.endsWith('js'))) expect(installed(path)).not.toContain('sourceMappingURL');
  });

  it('a stack trace names functions of the SDK, at lines that are there to read', () => {
    const code = `
      import { connect } from '@talaria/sdk';
      try { connect({ url: 'no address', app: 'pk_x', token: 'x' }); } catch (error) { console.log(error.stack); }
    `;
    const [, line = ''] = /at socketUrl \(.*\/dist\/node\.js:(\d+):\d+\)/.exec(node('module', code)) ?? [];
    expect(installed('dist/node.js').split('\n')[Number(line) - 1]).toContain('new URL(url)');
  });

  it('its types name nothing of the inside', () => {
    for (const path of files.filter((name) => /\.d\.c?ts$/.test(name))) {
      // An operator's view of a connection is a type of that name, too.
      const declared = [...installed(path).matchAll(/^(?:declare |export )*(?:abstract )?(class|interface|type) (\w+)/gm)].filter(([, kind, name]) => !(kind !== 'class' && name === 'Connection')).map(([, , name]) => name);
      expect(declared.filter((name) => /^(?:Core|Outbox|OutboxEntry|Tracker|Track|Calls|Connection|Consumer|Marks|Emitter|Up|UpInput|Welcome|Facts)$/.test(name!))).toEqual([]);
    }
  });

  const show = 'console.log(typeof sdk.connect, typeof sdk.fileStore, typeof sdk.memoryStore, typeof admin.connectAdmin, sdk.TalariaError === admin.TalariaError)';

  it('is imported as ESM', () => {
    expect(node('module', `import * as sdk from '@talaria/sdk'; import * as admin from '@talaria/sdk/admin'; ${show}`)).toBe('function function function function true');
  });

  it('is required as CommonJS', () => {
    expect(node('commonjs', `const sdk = require('@talaria/sdk'); const admin = require('@talaria/sdk/admin'); ${show}`)).toBe('function function function function true');
  });

  it('an error of one entry is an error of all, also of those that are bundled alone', () => {
    const code = `
      import { TalariaError } from '@talaria/sdk';
      import { TalariaError as AdminError } from '@talaria/sdk/admin';
      import { createIdentity } from '@talaria/sdk/identity';
      const error = await createIdentity({ url: 'http://127.0.0.1:9', app: 'pk_x' }).token().catch((caught) => caught);
      console.log(error.code, error instanceof TalariaError, error instanceof AdminError, new Error('x') instanceof TalariaError);
    `;
    expect(node('module', code)).toBe('unauthenticated true true false');
  });

  it('its browser build needs no other package and nothing of Node', () => {
    const code = `
      import { readFileSync } from 'node:fs';
      const path = 'node_modules/@talaria/sdk/dist/index.js';
      const text = readFileSync(path, 'utf8').replaceAll(/\\/\\*[^]*?\\*\\/|\\/\\/ .*$/gm, '');
      const sdk = await import('./' + path);
      console.log([...text.matchAll(/^import .*$/gm)].length, /\\b(?:process|Buffer|require)\\b[.(]/.test(text), typeof sdk.connect, typeof sdk.fileStore, typeof sdk.clientIdFrom);
    `;
    expect(node('module', code)).toBe('0 false function undefined undefined');
    // The error table is for servers.
    expect(installed('dist/index.js')).not.toContain('Use a method from the Allow header.');
  });

  it('connects: a refused port is a state, not a crash', () => {
    const code = `
      import { connect } from '@talaria/sdk';
      const client = connect({ url: 'http://127.0.0.1:9', app: 'pk_x', token: 'x' });
      await new Promise((resolve) => client.on('status', ({ state }) => state === 'connecting' && resolve()));
      await client.close();
      console.log(client.status.state);
    `;
    expect(node('module', code)).toBe('closed');
  });

  it('type-checks for import and for require', () => {
    const source = `
      import { clientIdFrom, connect, fileStore, type Client, type Conversation, type SendOptions } from '@talaria/sdk';
      import { connectAdmin, type CommandResult } from '@talaria/sdk/admin';
      import { emptyConversation, foldConversation } from '@talaria/sdk/state';
      import { createCalls, type Call, type StopReason } from '@talaria/sdk/calls';
      export const client: Client = connect({ url: '', app: '', token: '', store: fileStore('x') });
      export const options: SendOptions = { clientId: clientIdFrom(0, 'x') };
      export const send = (conversation: Conversation): Promise<void> => conversation.send('x', options).queued;
      export const state = emptyConversation('', client.userId);
      client.on('fact', (fact) => foldConversation(state, fact));
      createCalls(client).onIncoming((call: Call) => {
        // The browser's own connection is one.
        call.connect(({ initiator }) => new RTCPeerConnection({ iceServers: [{ urls: initiator ? 'stun:a.example' : [] }] }), { onError: (error: unknown) => void error });
        call.on('stop', (reason: StopReason) => void reason);
        // @ts-expect-error inside
        call.fold({});
      });
      export const pins: Promise<number> = client.call('pins.list', { conversation_id: '' }).then(({ items }) => items.length);
      void client.command('reactions.add', { message_id: '', reaction: 'x' });
      // @ts-expect-error a command is no call
      void client.call('reactions.add', { message_id: '', reaction: 'x' });
      // @ts-expect-error who asks is known
      void client.command('reactions.add', { message_id: '', reaction: 'x', as_user_id: '' });
      // @ts-expect-error private
      void client.core;
      export const sent: Promise<CommandResult> = connectAdmin({ url: '', key: '' }).messages.send({ conversation_id: '', text: '' });
      // @ts-expect-error a field that does not exist
      void connectAdmin({ url: '', key: '' }).messages.send({ conversation_id: '', txt: '' });
    `;
    expect(typeErrors({ 'esm.mts': source, 'common.cts': source })).toBe('');
  }, 90_000);

  it('an app says what its data is, once for all that it sends, receives and reads', () => {
    const source = `
      import type { Client, ConversationSummary, Message } from '@talaria/sdk';
      import type { Admin } from '@talaria/sdk/admin';
      declare global {
        interface TalariaTypes {
          messageData: { readonly orderId?: string };
          conversationData: { readonly topic: string };
        }
      }
      export const order = ({ data }: Message): string | undefined => data.orderId;
      export const topic = ({ data }: ConversationSummary): string => data.topic;
      export async function use(client: Client, admin: Admin): Promise<void> {
        const chat = await client.conversations.create({ members: [], data: { topic: 'lunch' } });
        chat.send({ data: { orderId: '7' } });
        chat.on('updated', ({ data }) => data.orderId);
        // @ts-expect-error no such field
        chat.send({ data: { order: 7 } });
        await client.command('messages.edit', { message_id: '', data: { orderId: '8' } });
        // @ts-expect-error of another type
        await client.command('messages.edit', { message_id: '', data: { orderId: 8 } });
        const { items } = await admin.inbox.list({ user_id: 'ext:bob' });
        console.log(items[0]?.data.topic, items[0]?.last_message?.data.orderId);
        // What nothing was said of is any JSON object.
        await admin.users.create({ external_id: 'bob', data: { anything: [1] } });
      }
    `;
    expect(typeErrors({ 'custom.mts': source, 'custom.cts': source })).toBe('');
  }, 90_000);

  function typeErrors(sources: Readonly<Record<string, string>>): string {
    for (const [path, source] of Object.entries(sources)) writeFileSync(join(directory.path, path), source);
    const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2023,dom,esnext.disposable'];
    const check = spawnSync(process.execPath, [join(MODULES, 'typescript/bin/tsc'), ...flags, ...Object.keys(sources)], { cwd: directory.path, encoding: 'utf8' });
    return check.stdout;
  }
});
