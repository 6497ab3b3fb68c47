/** Makes an app with Talaria's own identity and guests, and what is in it at first; a second start finds it again. */
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { people, PASSWORD } from './seed/people.js';
import { seed } from './seed/seed.js';
import type { Talaria } from './talaria.js';

/** What the page asks for at its start: `src/app/config.ts`. Nothing of it is a secret. */
export interface PageConfig {
  readonly url: string;
  readonly app: string;
  /** A group that everybody joins at first. */
  readonly lobby_id: string;
  /** Whom the sign-in screen offers: they are made up, and so is their password. */
  readonly demo: readonly { readonly name: string; readonly login: string; readonly password: string }[];
}

export interface Furnished {
  readonly page: PageConfig;
  readonly backend: Admin;
}

interface Kept {
  readonly app: string;
  readonly key: string;
  readonly lobby_id: string;
}

/** @param data the server's folder, in which the key is kept, for its owner alone */
export async function furnish({ url, adminKey }: Talaria, data: string): Promise<Furnished> {
  const file = join(data, 'react-chat.json');
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Kept : await begin(url, adminKey);
  writeFileSync(file, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  const demo = people.slice(0, 2).map(({ id, name }) => ({ name, login: id, password: PASSWORD }));
  return { page: { url, app: kept.app, lobby_id: kept.lobby_id, demo }, backend: connectAdmin({ url, key: kept.key }) };
}

async function begin(url: string, adminKey: string): Promise<Kept> {
  const admin = connectAdmin({ url, key: adminKey });
  const tenant = await admin.tenants.create({ name: 'react-chat' });
  const app = await admin.apps.create({ tenant_id: tenant.id, name: 'react-chat', identity: { guests: true } });
  const key = await admin.keys.create({ app_id: app.id, name: 'react-chat' });
  const lobbyId = await seed(connectAdmin({ url, key: key.secret }));
  return { app: app.public_key, key: key.secret, lobby_id: lobbyId };
}
