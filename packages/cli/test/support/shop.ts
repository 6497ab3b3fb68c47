/** A server with two tenants, an app in one of them, and who may do what. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { json, run, startServer, tempDirectory, type RunOptions, type Started } from './cli.js';

export interface Named {
  readonly id: string;
  readonly name: string;
}
export interface List {
  readonly items: readonly Named[];
  readonly next: string | null;
}
export interface Shop {
  readonly directory: string;
  readonly server: Started;
  /** For administration: the admin key is found where the server keeps it. */
  readonly admin: RunOptions;
  /** For work inside the app. */
  readonly app: RunOptions;
  readonly ids: { readonly tenant: string; readonly app: string; readonly key: string };
}

/** To be stopped with `server.stop()`. */
export async function openShop(): Promise<Shop> {
  const directory = tempDirectory();
  const server = await startServer(join(directory, 'talaria-data'), ['--limit-address-per-s', '0']);
  const admin = { cwd: directory, env: { TALARIA_URL: server.url } };
  const [tenant] = await Promise.all([json<Named>(['tenant', 'create', 'Acme'], admin), json(['tenant', 'create', 'Other'], admin)]);
  const made = await json<Named & { readonly key: { readonly id: string; readonly secret: string } }>(
    ['app', 'create', 'shop', '--tenant', tenant.id, '--with-key'],
    admin,
  );
  const app = { cwd: directory, env: { TALARIA_URL: server.url, TALARIA_KEY: made.key.secret } };
  return { directory, server, admin, app, ids: { tenant: tenant.id, app: made.id, key: made.key.id } };
}

/** Lines that are too long for 80 columns, but for keys and tokens, which are copied whole. */
const tooLong = (text: string): readonly string[] =>
  text.split('\n').filter((line) => [...line].length > 80 && !/\btk_\w{70}|^eyJ/.test(line));

/** What a command prints as text: done, without colour, in 80 columns. */
export async function text(args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(args, options);
  expect([code, stderr.startsWith('error')]).toEqual([0, false]);
  expect(tooLong(stdout)).toEqual([]);
  expect(stdout).not.toContain('\u001b');
  return stdout;
}
