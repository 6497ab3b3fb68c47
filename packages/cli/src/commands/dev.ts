import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingNames, type Config } from '@talaria/server/config';
import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { createClient } from '../client.js';
import { addCommand } from '../command.js';
import { print, type Context } from '../context.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer, localUrl, serve, type ServerModule } from '../serve.js';
import type { Style } from '../terminal.js';
import { record } from '../text/table.js';

const GUEST = 'guest';
const TOKEN_S = 86_400;

export function addDev(program: Command, context: Context): void {
  const command = addCommand(program, 'dev', 'Run a server for development, with an app that takes guests, and a token. It forgets everything at its end.', [
    'dev',
    'dev --port 8080',
  ]);
  withSettings(
    command,
    settingNames.filter((name) => name !== 'data' && name !== 'workers' && name !== 'worker_port'),
  ).action(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'talaria-dev-'));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    process.once('exit', remove);
    const config = forDevelopment(readConfig(context, command, { data: directory }));
    const module = await loadServer();
    const { server, stopped } = await serve(context, module, config);
    const ready = await furnish(module, server, directory);
    const url = localUrl(server.url);
    print(context, { url, port: server.port, pid: process.pid, ...ready }, () =>
      devScreen(url, module.VERSION, ready, context.terminal.columns, context.terminal.style),
    );
    process.exitCode = await stopped;
    remove();
  });
}

/** What is thrown away need not survive power loss, and nobody waits for the last clients. */
function forDevelopment(config: Config): Config {
  const chosen = (name: string): boolean => config.entries.some((entry) => entry.name === name && entry.source !== 'default');
  const { durability, drain_ms } = config.values;
  return {
    ...config,
    values: {
      ...config.values,
      durability: chosen('durability') ? durability : 'relaxed',
      drain_ms: chosen('drain_ms') ? drain_ms : 1_000,
    },
  };
}

interface Furnished {
  readonly tenant_id: string;
  readonly app_id: string;
  readonly app_public_key: string;
  readonly app_key: string;
  readonly user: OperationOutput<'auth.token'> & { readonly external_id: string };
  readonly dashboard_link: string;
}

/** Makes what a new app needs, over HTTP as everybody else. */
async function furnish(
  module: ServerModule,
  server: Parameters<ServerModule['ensureAdminKey']>[0] & { readonly port: number; readonly url: string },
  directory: string,
): Promise<Furnished> {
  const adminKey = await module.ensureAdminKey(server, directory);
  const admin = createClient({ url: localUrl(server.url), key: readFileSync(adminKey.path, 'utf8').trim() });
  const tenant = await admin.call('tenants.create', { name: 'dev' });
  // Pages without a backend can be tried, too; a real app switches this on itself.
  const app = await admin.call('apps.create', { tenant_id: tenant.id, name: 'dev', identity: { guests: true } });
  const key = await admin.call('keys.create', { app_id: app.id, name: 'dev' });
  const backend = createClient({ url: localUrl(server.url), key: key.secret });
  const token = await backend.call('auth.token', { external_id: GUEST, name: 'Guest', expires_in_s: TOKEN_S });
  return {
    tenant_id: tenant.id,
    app_id: app.id,
    app_public_key: app.public_key,
    app_key: key.secret,
    user: { ...token, external_id: GUEST },
    // The database is new, so there is no owner.
    dashboard_link: localUrl(server.url) + (await module.dashboardLink(server)),
  };
}

function devScreen(url: string, version: string, ready: Furnished, columns: number, style: Style): string {
  const fields = record(
    [
      ['URL', url],
      ['Docs', `${url}/docs`],
      ['Dashboard', ready.dashboard_link, 'whole'],
      ['App', ready.app_id],
      ['User', `${ready.user.user_id} (${GUEST})`],
      ['Public key', ready.app_public_key],
    ],
    columns,
    style,
    2,
  );
  return `${style('bold', `Talaria ${version}, for development. Everything is forgotten at the end.`)}

${fields}
For your app, with a token of the user that is good for a day:

  import { connect } from '@talaria/sdk';
  const client = connect({
    url: '${url}',
    app: '${ready.app_public_key}',
    token: '${ready.user.token}',
  });

For your shell, with a key of the app:

  export TALARIA_URL=${url}
  export TALARIA_APP=${ready.app_public_key}
  export TALARIA_KEY=${ready.app_key}
  npx talaria token mint alice

Stop it with Ctrl-C.
`;
}
