/** A real server, and an app for each page. */
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { createServer, ensureAdminKey } from '@talaria/server';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As samples know it: `url`, `app`, `token` of alice, `bobsToken`, `key` of the app, and `adminKey` of the installation. */
export type PageEnvironment = Readonly<Record<'url' | 'app' | 'token' | 'bobsToken' | 'key' | 'adminKey', string>>;

export interface PageStage {
  readonly environment: PageEnvironment;
  readonly backend: Admin;
}

export interface PageServer {
  /** An app whose users are alice, bob, carol and dave. */
  open(): Promise<PageStage>;
  stop(): Promise<void>;
}

export async function startPageServer(): Promise<PageServer> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-samples-'));
  const server = await createServer({ data, port: 0 });
  const { path } = await ensureAdminKey(server, data);
  const adminKey = readFileSync(path, 'utf8').trim();
  const installation = connectAdmin({ url: server.url, key: adminKey });
  const tenant = await installation.tenants.create({ name: 'samples' });
  return {
    async open() {
      const app = await installation.apps.create({ tenant_id: tenant.id, name: 'samples', identity: { guests: true } });
      const key = (await installation.keys.create({ app_id: app.id })).secret;
      const backend = connectAdmin({ url: server.url, key });
      const tokenOf = async (user: string): Promise<string> => (await backend.auth.token({ external_id: user })).token;
      for (const user of ['carol', 'dave']) await backend.users.create({ external_id: user });
      return { backend, environment: { url: server.url, app: app.public_key, token: await tokenOf('alice'), bobsToken: await tokenOf('bob'), key, adminKey } };
    },
    async stop() {
      await server.stop();
      rmSync(data, { recursive: true });
    },
  };
}
