import { limits } from '@talaria/protocol';
import type { OperationOutput } from '@talaria/protocol/operations';
import { InvalidArgumentError, type Command } from 'commander';
import type { Client } from '../client.js';
import { addCommand, addGroup, collect, trueOrFalse, wholeNumber } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { record, table, type Field } from '../text/table.js';
import { longTime } from '../text/time.js';
import { addAppAuth } from './app-auth.js';

type App = OperationOutput<'apps.get'>;
const EXAMPLE = 'a_06aqx7m4e5v2k8r0d1f3g5h7j8';
const TENANT = 't_06aqx7m4e5v2k8r0d1f3g5h7j8';

interface SettingFlags {
  readonly origin?: string[];
  readonly retentionDays?: number | 'none';
  readonly createUsers?: boolean;
  readonly linkPreviews?: boolean;
  readonly textMax?: number;
}

export function addApp(program: Command, context: Context): void {
  const group = addGroup(program, 'app', 'Apps: each has users and conversations of its own.');
  addCreate(group, context);
  addList(group, context);
  addShow(group, context);
  addUpdate(group, context);
  addDelete(group, context);
  addAppAuth(group, context);
}

function addCreate(group: Command, context: Context): void {
  const command = addCommand(group, 'create <name>', 'Make an app.', ['app create shop --with-key', `app create shop --tenant ${TENANT}`]);
  withSettingFlags(withConnection(command))
    .option('--tenant <id>', 'Tenant it belongs to; not needed while there is one at most')
    .option('--with-key', 'Make a key for it, too')
    .action(async (name: string, flags: ConnectionFlags & SettingFlags & { readonly tenant?: string; readonly withKey?: true }) => {
      const client = connect(context, flags, 'admin key');
      const tenantId = flags.tenant ?? (await onlyTenant(client));
      const app = await client.call('apps.create', { tenant_id: tenantId, name, ...settingsOf(flags) });
      const key = flags.withKey ? await client.call('keys.create', { app_id: app.id, name }) : undefined;
      print(context, key === undefined ? app : { ...app, key }, () => createdText(app, key?.secret, context));
    });
}

function addList(group: Command, context: Context): void {
  const command = addCommand(group, 'list', 'List apps.', ['app list', `app list --tenant ${TENANT}`]);
  withPaging(withConnection(command))
    .option('--tenant <id>', 'Only those of this tenant')
    .action(async (flags: ConnectionFlags & ListFlags & { readonly tenant?: string }) => {
      const client = connect(context, flags, 'admin key');
      const page = await readPages(flags, (query) => client.call('apps.list', { ...query, tenant_id: flags.tenant }));
      print(context, page, () => appTable(page.items, context));
      noteMore(context, page);
    });
}

function addShow(group: Command, context: Context): void {
  const command = addCommand(group, 'show <app>', 'Show an app.', [`app show ${EXAMPLE}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    show(context, await connect(context, flags, 'admin key').call('apps.get', { app_id: id }));
  });
}

function addUpdate(group: Command, context: Context): void {
  const command = addCommand(group, 'update <app>', "Change an app's settings.", [`app update ${EXAMPLE} --origin https://example.com`]);
  withSettingFlags(withConnection(command))
    .option('--any-origin', 'Let browsers connect from everywhere')
    .option('--name <name>', 'New name')
    .action(async (id: string, flags: ConnectionFlags & SettingFlags & { readonly name?: string; readonly anyOrigin?: true }) => {
      const client = connect(context, flags, 'admin key');
      const changes = {
        ...settingsOf(flags),
        ...(flags.anyOrigin ? { allowed_origins: [] } : {}),
        ...(flags.name === undefined ? {} : { name: flags.name }),
      };
      if (Object.keys(changes).length === 0) {
        throw new CliError('usage', 'Nothing is to be changed.', 'Name a setting; see talaria app update --help.');
      }
      show(context, await client.call('apps.update', { app_id: id, ...changes }));
    });
}

function addDelete(group: Command, context: Context): void {
  const command = addCommand(group, 'delete <app>', 'Delete an app with everything it has.', [`app delete ${EXAMPLE} --yes`]);
  withYes(withConnection(command)).action(async (id: string, flags: ConnectionFlags & YesFlag) => {
    const client = connect(context, flags, 'admin key');
    await confirm(context, `Delete the app ${id} with all its users and messages`, flags.yes);
    await client.call('apps.delete', { app_id: id });
    print(context, { deleted: id }, () => `Deleted ${id}.\n`);
  });
}

function show(context: Context, app: App): void {
  print(context, app, () => record(appFields(app), context.terminal.columns, context.terminal.style));
}

function withSettingFlags(command: Command): Command {
  return command
    .option('--origin <url>', 'Origin that browsers may connect from; may be repeated', collect)
    .option('--retention-days <number>', 'Remove messages after so many days, or `none`', daysOrNone)
    .option('--create-users <bool>', 'Whether a token of an unknown user makes that user', trueOrFalse)
    .option('--link-previews <bool>', 'Whether the server fetches pages that messages link to', trueOrFalse)
    .option('--text-max <number>', `Characters that a message may have, at most ${limits.text_chars_max}`, wholeNumber(1, limits.text_chars_max));
}

function daysOrNone(text: string): number | 'none' {
  if (text === 'none') return text;
  try {
    return wholeNumber(1, 36_500)(text);
  } catch {
    throw new InvalidArgumentError('It must be a whole number from 1 to 36500, or none.');
  }
}

function settingsOf(flags: SettingFlags): { allowed_origins?: string[]; retention_days?: number | null; create_users?: boolean; link_previews?: boolean; text_max?: number } {
  return {
    ...(flags.origin === undefined ? {} : { allowed_origins: flags.origin }),
    ...(flags.retentionDays === undefined ? {} : { retention_days: flags.retentionDays === 'none' ? null : flags.retentionDays }),
    ...(flags.createUsers === undefined ? {} : { create_users: flags.createUsers }),
    ...(flags.linkPreviews === undefined ? {} : { link_previews: flags.linkPreviews }),
    ...(flags.textMax === undefined ? {} : { text_max: flags.textMax }),
  };
}

/** Most installations have one tenant, and the first app should not need to know of them. */
async function onlyTenant(client: Client): Promise<string> {
  const { items } = await client.call('tenants.list', { limit: 2 });
  if (items.length > 1)
    throw new CliError('usage', 'There are several tenants.', 'Name one with --tenant; talaria tenant list shows them.');
  return (items[0] ?? (await client.call('tenants.create', { name: 'default' }))).id;
}

function appFields(app: App): readonly Field[] {
  return [
    ['ID', app.id],
    ['Name', app.name],
    ['Tenant', app.tenant_id],
    ['Public key', app.public_key],
    ['Origins', app.allowed_origins.length === 0 ? 'any' : app.allowed_origins.join(' ')],
    ['Retention', app.retention_days === null ? 'for ever' : `${app.retention_days} days`],
    ['Creates users', app.create_users ? 'yes' : 'no'],
    ['Link previews', app.link_previews ? 'on' : 'off'],
    ['Text', `up to ${app.text_max} characters`],
    ['Issuers', app.issuers.length === 0 ? 'none' : app.issuers.map(({ issuer }) => issuer).join(' ')],
    ['Own identity', app.identity === null ? 'off' : 'on'],
    ['Created', longTime(app.created_ms)],
  ];
}

function createdText(app: OperationOutput<'apps.create'>, key: string | undefined, { terminal }: Context): string {
  const secrets: readonly Field[] = [
    ['Signing secret', app.signing_secret, 'whole'],
    ...(key === undefined ? [] : [['Key', key, 'whole'] as const]),
  ];
  const shown = key === undefined ? 'The signing secret is' : 'The signing secret and the key are';
  const next = key === undefined ? `talaria key create --app ${app.id}` : 'talaria token mint alice --key tk_…';
  return `${record(
    [...appFields(app), ...secrets],
    terminal.columns,
    terminal.style,
  )}\n${shown} shown only now. Go on with:\n\n  ${next}\n`;
}

function appTable(apps: readonly App[], { terminal }: Context): string {
  return table<App>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'PUBLIC KEY', value: ({ public_key }) => public_key },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
    ],
    apps,
    terminal.columns,
    terminal.style,
  );
}
