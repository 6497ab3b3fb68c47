import type { OperationOutput, Scope } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup, collect } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { record, table, type Field } from '../text/table.js';
import { durationSeconds, longTime } from '../text/time.js';

type Key = OperationOutput<'keys.revoke'>;
const EXAMPLE = 'k_06aqx7m4e5v2k8r0d1f3g5h7j8';
const APP = 'a_06aqx7m4e5v2k8r0d1f3g5h7j8';

interface CreateFlags {
  readonly app?: string;
  readonly admin?: true;
  readonly name?: string;
  readonly scope?: Scope[];
  readonly expiresIn?: number;
}

export function addKey(program: Command, context: Context): void {
  const group = addGroup(program, 'key', 'Keys: what backends and administrators prove themselves with.');
  addCreate(group, context);
  addList(group, context);
  addRotate(group, context);
  addRevoke(group, context);
}

function addCreate(group: Command, context: Context): void {
  const examples = [`key create --app ${APP}`, `key create --app ${APP} --scope tokens:write`, 'key create --admin --expires-in 30d'];
  withConnection(addCommand(group, 'create', 'Make a key of an app, or an admin key.', examples))
    .option('--app <id>', 'App that the key works in')
    .option('--admin', 'Make an admin key, which may do anything')
    .option('--name <name>', 'What it is for')
    .option('--scope <scope>', 'What it may do, such as tokens:write; may be repeated. Default: all that an app needs', collect)
    .option('--expires-in <time>', 'End it after a time, such as 30d', durationSeconds)
    .action(async (flags: ConnectionFlags & CreateFlags) => {
      if ((flags.app === undefined) === (flags.admin === undefined)) {
        throw new CliError('usage', 'A key is for an app (--app ID) or for administration (--admin).', 'Give one of the two.');
      }
      const expiresMs = flags.expiresIn === undefined ? undefined : Date.now() + flags.expiresIn * 1_000;
      const client = connect(context, flags, 'admin key');
      const key = await client.call('keys.create', { app_id: flags.app, name: flags.name, scopes: flags.scope, expires_ms: expiresMs });
      print(context, key, () => madeText(key, context));
    });
}

function addList(group: Command, context: Context): void {
  withPaging(withConnection(addCommand(group, 'list', 'List keys.', ['key list', `key list --app ${APP}`])))
    .option('--app <id>', 'Only those of this app')
    .action(async (flags: ConnectionFlags & ListFlags & { readonly app?: string }) => {
      const client = connect(context, flags, 'admin key');
      const page = await readPages(flags, (query) => client.call('keys.list', { ...query, app_id: flags.app }));
      print(context, page, () => keyTable(page.items, context));
      noteMore(context, page);
    });
}

function addRotate(group: Command, context: Context): void {
  const examples = [`key rotate ${EXAMPLE}`, `key rotate ${EXAMPLE} --overlap 1h`];
  withConnection(addCommand(group, 'rotate <key>', 'Make a successor; the old key works on for a while.', examples))
    .option('--overlap <time>', 'How long the old key works on (default 1d)', durationSeconds)
    .action(async (id: string, flags: ConnectionFlags & { readonly overlap?: number }) => {
      const key = await connect(context, flags, 'admin key').call('keys.rotate', { key_id: id, overlap_s: flags.overlap });
      print(context, key, () => madeText(key, context));
    });
}

function addRevoke(group: Command, context: Context): void {
  const command = addCommand(group, 'revoke <key>', 'Revoke a key at once, with the tokens it minted.', [`key revoke ${EXAMPLE} --yes`]);
  withYes(withConnection(command)).action(async (id: string, flags: ConnectionFlags & YesFlag) => {
    const client = connect(context, flags, 'admin key');
    await confirm(context, `Revoke the key ${id} and the tokens it minted`, flags.yes);
    const key = await client.call('keys.revoke', { key_id: id });
    print(context, key, () => record(keyFields(key), context.terminal.columns, context.terminal.style));
  });
}

function keyFields(key: Key): readonly Field[] {
  return [
    ['ID', key.id],
    ['Name', key.name === '' ? '–' : key.name],
    ['App', key.app_id ?? 'none: an admin key'],
    ['Scopes', key.scopes.join(' ')],
    ['Created', longTime(key.created_ms)],
    ['Expires', longTime(key.expires_ms)],
    ['Last used', longTime(key.last_used_ms)],
    ['Revoked', key.revoked_ms === null ? 'no' : longTime(key.revoked_ms)],
  ];
}

function madeText(key: OperationOutput<'keys.create'>, { terminal }: Context): string {
  return `${record(
    [...keyFields(key), ['Key', key.secret, 'whole']],
    terminal.columns,
    terminal.style,
  )}\nThe key is shown only now. Keep it where nobody else can read it.\n`;
}

function keyTable(keys: readonly Key[], { terminal }: Context): string {
  const nowMs = Date.now();
  return table<Key>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'APP', value: ({ app_id }) => app_id ?? 'admin' },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
      { title: 'STATE', value: (key) => stateOf(key, nowMs) },
    ],
    keys,
    terminal.columns,
    terminal.style,
  );
}

function stateOf(key: Key, nowMs: number): string {
  if (key.revoked_ms !== null) return 'revoked';
  if (key.expires_ms === null) return 'active';
  return key.expires_ms <= nowMs ? 'expired' : 'ending';
}
