import { resolve } from 'node:path';
import type { Config, ConfigValues } from '@talaria/server/config';
import type { AdminKeyFile, RunningServer } from '@talaria/server';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { print, type Context } from '../context.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer, localUrl, serve, type ServerModule } from '../serve.js';
import type { Style } from '../terminal.js';
import { record } from '../text/table.js';
import type { LivingWorker } from '../workers/crew.js';
import { serveWorkers } from '../workers/serve-workers.js';

export function addStart(program: Command, context: Context): void {
  const command = addCommand(program, 'start', 'Run a server.', [
    'start',
    'start --data /var/lib/talaria --port 8080',
    'start --host 0.0.0.0 --trust-proxy 10.0.0.0/8',
    'start --workers 4 --worker-port 7500',
  ]);
  withSettings(command)
    .option('--new-admin-key', 'Make another admin key and write it to the data directory')
    .action(async (options: { newAdminKey?: true }) => {
      const config = readConfig(context, command);
      const module = await loadServer();
      const another = options.newAdminKey ?? false;
      const { server, stopped, adminKey, dashboardLink, workers } = config.values.workers > 1 ? await severalNodes(context, module, config, another) : await oneNode(context, module, config, another);
      const first = adminKey.state === 'made' && !options.newAdminKey;
      const data = {
        url: localUrl(server.url),
        port: server.port,
        pid: process.pid,
        version: module.VERSION,
        transport: server.transport,
        ...(workers.length === 0 ? {} : { workers: workers.map(({ worker, pid, node }) => ({ worker, pid, node })) }),
        data: resolve(config.values.data),
        first_start: first,
        admin_key_file: adminKey.state === 'absent' ? null : resolve(adminKey.path),
        dashboard_link: dashboardLink === undefined ? null : localUrl(server.url) + dashboardLink,
      };
      print(context, data, () =>
        startScreen(
          { version: module.VERSION, server, values: config.values, adminKey, dashboardLink, first, env: context.env },
          context.terminal.columns,
          context.terminal.style,
        ),
      );
      process.exitCode = await stopped;
    });
}

interface Running {
  readonly server: Pick<RunningServer, 'url' | 'port' | 'transport'>;
  readonly adminKey: AdminKeyFile;
  /** While there is no owner. */
  readonly dashboardLink: string | undefined;
  /** None when this process is the node. */
  readonly workers: readonly LivingWorker[];
  readonly stopped: Promise<0 | 1>;
}

async function oneNode(context: Context, module: ServerModule, config: Config, another: boolean): Promise<Running> {
  const { server, stopped } = await serve(context, module, config);
  return { server, stopped, workers: [], adminKey: await module.ensureAdminKey(server, config.values.data, { another }), dashboardLink: await module.dashboardLink(server) };
}

async function severalNodes(context: Context, module: ServerModule, config: Config, another: boolean): Promise<Running> {
  const { adminKey, dashboardLink, workers, stopped, ...server } = await serveWorkers(context, module, config, another);
  return { server, stopped, workers, adminKey, dashboardLink };
}

interface Started {
  readonly version: string;
  readonly server: Pick<RunningServer, 'url' | 'transport'>;
  readonly values: ConfigValues;
  readonly adminKey: AdminKeyFile;
  readonly dashboardLink: string | undefined;
  readonly first: boolean;
  readonly env: Context['env'];
}

/** All that one needs after a start, on one screen. */
function startScreen({ version, server, values, adminKey, dashboardLink, first, env }: Started, columns: number, style: Style): string {
  const url = localUrl(server.url);
  const fields = record(
    [
      ['URL', url === server.url ? url : `${url} and the other addresses of this machine`],
      ['Docs', `${url}/docs`],
      // Good once, and for a day: whoever uses it is the first owner.
      ...(dashboardLink === undefined ? [] : [['Dashboard', url + dashboardLink, 'whole'] as const]),
      ['Data', `${values.data} ${first ? '(new)' : '(going on with what is there)'}`],
      ...(values.database_url.length === 0 ? [] : [['Database', placeOf(values.database_url[0]!)] as const]),
      ...(values.nats_url.length === 0 ? [] : [['Cluster', `over NATS at ${values.nats_url.map((url) => new URL(url).host).join(', ')}`] as const]),
      ['Admin key', adminKey.state === 'absent' ? 'not here; make another with start --new-admin-key' : adminKey.path],
      ['Transport', server.transport],
      ...(values.workers === 1 ? [] : [['Workers', workersText(values)] as const]),
    ],
    columns,
    style,
    2,
  );
  return `${style('bold', `Talaria ${version} is running.`)}

${fields}
Make an app with a key, then mint a token for a user with that key:

${exportsFor(url, values, env)}  npx talaria app create my-app --with-key
  npx talaria token mint alice --key tk_…

Connect with the SDK:

  import { connect } from '@talaria/sdk';
  const client = connect({
    url: '${url}', app: 'pk_…', token: 'eyJ…' });

Stop it with Ctrl-C.
`;
}

function workersText({ workers, worker_port: port }: ConfigValues): string {
  return `${workers} nodes behind this port${port === 0 ? '' : `; each alone on ${port} to ${port + workers - 1}`}`;
}

/** Without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `Postgres at ${host}${pathname}`;
}

/** What must be set for the commands to find this very server and its key when they are pasted. */
function exportsFor(url: string, values: ConfigValues, env: Context['env']): string {
  const lines: string[] = [];
  if (url !== 'http://127.0.0.1:7400' && env['TALARIA_URL'] !== url) lines.push(`  export TALARIA_URL=${url}\n`);
  const usual = resolve('talaria-data') === resolve(values.data);
  if (!usual && !env['TALARIA_DATA']) lines.push(`  export TALARIA_DATA=${shellWord(values.data)}\n`);
  return lines.join('');
}

/** A path as a shell takes it back. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
