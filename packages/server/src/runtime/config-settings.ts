/**
 * Every setting of the server, in one table. Flags, environment variables, the configuration file, `talaria config show` and
 * `docs/reference/configuration.md` all come from here.
 */
import { choice, host, integer, networks, noneOr, path, secretBytes, urls, word, type Kind } from './config-kinds.js';

export interface Setting<Value> {
  readonly kind: Kind<Value>;
  readonly default: Value;
  /** One or two plain sentences. */
  readonly help: string;
  /** Secrets have no flag, because flags show in the list of processes. They may come from a file that `TALARIA_…_FILE` names. */
  readonly secret: boolean;
}

const setting = <Value>(kind: Kind<Value>, value: NoInfer<Value>, help: string): Setting<Value> => ({
  kind,
  default: value,
  help,
  secret: false,
});
const hidden = <Value>(kind: Kind<Value>, value: NoInfer<Value>, help: string): Setting<Value> => ({ ...setting(kind, value, help), secret: true });
const perSecond = (): Kind<number> => integer(0, 1_000_000);
const burst = (): Kind<number> => integer(1, 10_000_000);

export const settings = {
  data: setting(path(), './talaria-data', 'Directory of the database, the secrets and the admin key. Made when there is none.'),
  host: setting(host(), '127.0.0.1', 'Address to listen on. 0.0.0.0 takes connections from other machines; put TLS in front.'),
  port: setting(integer(0, 65_535), 7_400, 'Port to listen on. 0 chooses a free one.'),
  workers: setting(integer(1, 64), 1, 'Nodes to run behind the port, each a process of its own. More than one need database_url and nats_url.'),
  worker_port: setting(integer(0, 65_535), 0, 'First of as many ports as there are workers: on each, one of them answers alone, such as with its metrics. 0 for none.'),
  transport: setting(choice(['auto', 'uws', 'ws']), 'auto', 'Socket library. auto takes uWebSockets.js where it loads, else ws.'),
  durability: setting(
    choice(['durable', 'relaxed']),
    'durable',
    'durable survives power loss. relaxed is faster and survives a crash of the process only.',
  ),
  trust_proxy: setting(networks(), [], 'Networks of proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed.'),
  loopback_issuers: setting(choice(['refuse', 'allow']), 'refuse', 'Whether issuers of apps may be at addresses of this machine, also without TLS. For development only.'),
  log_level: setting(choice(['debug', 'info', 'warn', 'error', 'silent']), 'info', 'The least important log lines to write.'),
  log_format: setting(choice(['auto', 'pretty', 'json']), 'auto', 'Form of log lines. auto is pretty on a terminal, else json.'),
  limit_user_per_s: setting(perSecond(), 100, 'Commands per second of one user. 0 switches the limit off.'),
  limit_user_burst: setting(burst(), 500, 'Commands of one user at once, before the rate counts.'),
  limit_conversation_per_s: setting(perSecond(), 1_000, 'Commands per second in one conversation. 0 switches the limit off.'),
  limit_conversation_burst: setting(burst(), 2_000, 'Commands in one conversation at once, before the rate counts.'),
  limit_app_per_s: setting(perSecond(), 10_000, 'Commands per second of one app. 0 switches the limit off.'),
  limit_app_burst: setting(burst(), 20_000, 'Commands of one app at once, before the rate counts.'),
  limit_address_per_s: setting(perSecond(), 100, 'Requests and connections per second of one address that have not authenticated yet. 0 switches the limit off.'),
  limit_address_burst: setting(burst(), 1_000, 'Requests and connections of one address at once that have not authenticated yet, before the rate counts.'),
  heartbeat_ms: setting(integer(100, 300_000), 25_000, 'Time between heartbeats to a client.'),
  anti_entropy_ms: setting(integer(10, 60_000), 1_000, 'How often the log is asked for what was not announced.'),
  search: setting(choice(['on', 'off']), 'on', 'Whether messages are indexed, so that they can be searched. What is indexed stays when it is switched off, and is brought up to date when it is on again.'),
  drain_ms: setting(integer(0, 600_000), 10_000, 'How long clients have to move away when the server is stopped.'),
  secret: hidden(
    secretBytes(32),
    undefined,
    'Secret of the installation. Without it, one is made and kept in secrets.json in the data directory. All nodes of a cluster need the same.',
  ),
  database_url: hidden(
    urls(['postgres', 'postgresql'], 1),
    [],
    'Postgres database to use instead of a file in the data directory: postgres://user:password@host:5432/name. Any number of nodes may share it.',
  ),
  database_ca: setting(path(), '', 'PEM file of the authority that signed the certificate of Postgres. With it, TLS is used and the certificate checked.'),
  database_connections: setting(integer(2, 500), 8, 'Most connections of this node to Postgres, besides the one that appends.'),
  database_partitions: setting(
    noneOr(2, 256),
    0,
    'Partitions of events and of command keys in a Postgres that is made now. The database keeps the number; 0 takes what it has, and none in a new one.',
  ),
  database_replica_url: hidden(
    urls(['postgres', 'postgresql'], 1),
    [],
    'A streaming replica of database_url, for reads of backends that say Talaria-Consistency: eventual. Nothing else reads from it.',
  ),
  database_replica_lag_max_ms: setting(integer(2_000, 600_000, 'ms'), 5_000, 'How far the replica may be behind. Beyond that, and when it fails, the database itself is read.'),
  tenant_databases_max: setting(integer(1, 10_000), 32, 'Databases of tenants that this node is connected to at once. One that nobody needs makes room for another.'),
  tenant_connections: setting(integer(2, 500), 4, 'Most connections of this node to the database of one tenant, besides the one that appends.'),
  nats_url: hidden(
    urls(['nats', 'tls'], 16),
    [],
    'NATS servers through which the nodes of a cluster wake each other: nats://user:password@host:4222, with commas between. Needs database_url.',
  ),
  nats_prefix: setting(word(), 'talaria', 'First part of every NATS subject.'),
  nats_credentials: setting(path(), '', 'Credentials file (.creds) for NATS, as nsc writes them.'),
  nats_ca: setting(path(), '', 'PEM file of the authority that signed the certificate of NATS. With it, TLS is used and the certificate checked.'),
  nats_cert: setting(path(), '', 'PEM file of the certificate that this node shows to a NATS that asks for one. Needs nats_key.'),
  nats_key: setting(path(), '', 'PEM file of the key of that certificate.'),
} as const;

export type SettingName = keyof typeof settings;
type ValueOf<Entry> = Entry extends Setting<infer Value> ? Value : never;
export type ConfigValues = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> };

/** In the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** The table's entry with its own type of value left open, for code that treats all alike. */
export function settingOf(name: SettingName): Setting<unknown> {
  return settings[name];
}

/** `--heartbeat-ms`, or undefined for a secret. */
export function flagOf(name: SettingName): string | undefined {
  return settingOf(name).secret ? undefined : `--${name.replaceAll('_', '-')}`;
}

/** `TALARIA_HEARTBEAT_MS` */
export function variableOf(name: SettingName): string {
  return `TALARIA_${name.toUpperCase()}`;
}

/** `TALARIA_SECRET_FILE`, for secrets only. */
export function fileVariableOf(name: SettingName): string | undefined {
  return settingOf(name).secret ? `${variableOf(name)}_FILE` : undefined;
}
