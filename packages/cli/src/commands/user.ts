import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup, jsonObject, type JsonObject } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { userRef } from '../references.js';
import { record, table } from '../text/table.js';
import { longTime } from '../text/time.js';
import { addUserAccount } from './user-account.js';

type User = OperationOutput<'users.get'>;

interface ProfileFlags {
  readonly name?: string;
  readonly data?: JsonObject;
}

export function addUser(program: Command, context: Context): void {
  const group = addGroup(program, 'user', 'Users of an app. A user is named by your own id, or by u_….');
  addCreate(group, context);
  addShow(group, context);
  addUpdate(group, context);
  addList(group, context);
  addPresence(group, context);
  addRevokeTokens(group, context);
  addUserAccount(group, context);
}

function addCreate(group: Command, context: Context): void {
  const summary = 'Make a user with your own id of them, or get the one there is.';
  const command = addCommand(group, 'create <id>', summary, ['user create alice --name Alice']);
  withProfile(withConnection(command)).action(async (id: string, { name, data, ...flags }: ConnectionFlags & ProfileFlags) => {
    show(context, await connect(context, flags, 'app key').call('users.create', { external_id: id, name, data }));
  });
}

function addShow(group: Command, context: Context): void {
  const command = addCommand(group, 'show <user>', 'Show a user.', ['user show alice', 'user show u_06aqx7m4e5v2k8r0d1f3g5h7j8']);
  withConnection(command).action(async (user: string, flags: ConnectionFlags) => {
    show(context, await connect(context, flags, 'app key').call('users.get', { user_id: userRef(user) }));
  });
}

function addUpdate(group: Command, context: Context): void {
  const examples = ['user update alice --name "Alice B."', 'user update alice --data \'{"vip":true}\''];
  const command = addCommand(group, 'update <user>', "Change a user's name or data.", examples);
  withProfile(withConnection(command)).action(async (user: string, { name, data, ...flags }: ConnectionFlags & ProfileFlags) => {
    if (name === undefined && data === undefined) throw new CliError('usage', 'Nothing is to be changed.', 'Give --name or --data.');
    const client = connect(context, flags, 'app key');
    await client.call('users.update', { user_id: userRef(user), name, data });
    show(context, await client.call('users.get', { user_id: userRef(user) }));
  });
}

function addList(group: Command, context: Context): void {
  const examples = ['user list', 'user list --limit 1000 -o json'];
  const command = addCommand(group, 'list', 'List users, in the order in which they were made.', examples);
  withPaging(withConnection(command)).action(async (flags: ConnectionFlags & ListFlags) => {
    const client = connect(context, flags, 'app key');
    const page = await readPages(flags, (query) => client.call('users.list', query));
    print(context, page, () => userTable(page.items, context));
    noteMore(context, page);
  });
}

function addPresence(group: Command, context: Context): void {
  const summary = 'Show which users are connected, and when they were last. Those that do not exist are left out.';
  const command = addCommand(group, 'presence <user...>', summary, ['user presence alice bob']);
  withConnection(command).action(async (users: string[], flags: ConnectionFlags) => {
    const found = await connect(context, flags, 'app key').call('users.presence', { user_ids: users.map(userRef) });
    print(context, found, () => presenceTable(found.items, context));
  });
}

function presenceTable(items: OperationOutput<'users.presence'>['items'], { terminal }: Context): string {
  return table(
    [
      { title: 'USER', value: ({ user_id: id }) => id },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'DEVICES', value: ({ devices }) => String(devices), right: true },
      { title: 'LAST SEEN', value: ({ last_seen_ms: ms }) => (ms === null ? 'not known' : longTime(ms)), flexible: true },
    ],
    items,
    terminal.columns,
    terminal.style,
  );
}

interface RevokeFlags {
  readonly token?: string;
  readonly session?: string;
  readonly device?: string;
}

function addRevokeTokens(group: Command, context: Context): void {
  const summary = 'Revoke all tokens of a user, or those that are named, and close their connections.';
  const command = addCommand(group, 'revoke-tokens <user>', summary, ['user revoke-tokens alice --yes', 'user revoke-tokens alice --device phone --yes']);
  withYes(withConnection(command))
    .option('--token <id>', 'The one with this `jti`')
    .option('--session <id>', 'Those with this `sid`')
    .option('--device <id>', 'Those with this `device_id`')
    .action(async (user: string, { token, session, device, ...flags }: ConnectionFlags & YesFlag & RevokeFlags) => {
      const client = connect(context, flags, 'app key');
      const which = token ?? session ?? device;
      const what = which === undefined ? `all tokens of ${user}` : `the tokens of ${user} with ${which}`;
      await confirm(context, `Revoke ${what} and close their connections`, flags.yes);
      await client.call('auth.revoke', { user_id: userRef(user), token_id: token, session_id: session, device_id: device });
      print(context, { revoked: userRef(user) }, () => `Revoked ${what}.\n`);
    });
}

function show(context: Context, user: User): void {
  print(context, user, () => userText(user, context));
}

function withProfile(command: Command): Command {
  return command.option('--name <name>', 'Name that others see').option('--data <json>', 'Your own JSON object', jsonObject);
}

function userText(user: User, { terminal }: Context): string {
  return record(
    [
      ['ID', user.id],
      ['Your id', user.external_id],
      ['Name', user.name === '' ? '–' : user.name],
      ['Data', JSON.stringify(user.data)],
      ['Created', longTime(user.created_ms)],
      ['Updated', longTime(user.updated_ms)],
    ],
    terminal.columns,
    terminal.style,
  );
}

function userTable(users: readonly User[], { terminal }: Context): string {
  return table<User>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'YOUR ID', value: ({ external_id }) => external_id, flexible: true },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
    ],
    users,
    terminal.columns,
    terminal.style,
  );
}
