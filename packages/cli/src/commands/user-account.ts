import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { argumentOrInput } from '../input.js';
import { userRef } from '../references.js';
import { table } from '../text/table.js';
import { longTime } from '../text/time.js';

type Session = OperationOutput<'sessions.list'>['items'][number];
const SESSION = 's_06aqx7m4e5v2k8r0d1f3g5h7j8';

/** Accounts and sessions of Talaria's own identity. */
export function addUserAccount(group: Command, context: Context): void {
  addSessions(group, context);
  addEndSession(group, context);
  addSetPassword(group, context);
}

function addSessions(group: Command, context: Context): void {
  const command = addCommand(group, 'sessions <user>', "List where a user is logged in by Talaria's own identity.", ['user sessions alice']);
  withConnection(command).action(async (user: string, flags: ConnectionFlags) => {
    const found = await connect(context, flags, 'app key').call('sessions.list', { user_id: userRef(user) });
    print(context, found, () => sessionTable(found.items, context));
  });
}

function addEndSession(group: Command, context: Context): void {
  const summary = 'End a session of a user. Its connections are closed.';
  const command = addCommand(group, 'end-session <user> <session>', summary, [`user end-session alice ${SESSION}`]);
  withConnection(command).action(async (user: string, session: string, flags: ConnectionFlags) => {
    await connect(context, flags, 'app key').call('sessions.revoke', { user_id: userRef(user), session_id: session });
    print(context, { ended: session }, () => `Ended ${session}.\n`);
  });
}

function addSetPassword(group: Command, context: Context): void {
  const summary = 'Give a user a new password, read from standard input. The sessions of the user end.';
  const command = addCommand(group, 'set-password <user>', summary, ['user set-password alice --login alice@example.com < password.txt']);
  withConnection(command)
    .option('--login <login>', 'Login of the user; needed when there is none yet')
    .action(async (user: string, { login, ...flags }: ConnectionFlags & { readonly login?: string }) => {
      // Never an argument: arguments show in the list of processes.
      const password = await argumentOrInput('-');
      if (password === '') throw new CliError('usage', 'No password came on standard input.', 'Give it there, such as from a file.');
      const account = await connect(context, flags, 'app key').call('accounts.set', { user_id: userRef(user), password, login });
      print(context, account, () => `${account.login ?? user} has a new password.\n`);
    });
}

function sessionTable(items: readonly Session[], { terminal }: Context): string {
  return table<Session>(
    [
      { title: 'SESSION', value: ({ id }) => id },
      { title: 'DEVICE', value: ({ device_id, device_name }) => (device_name === '' ? device_id : device_name), flexible: true },
      { title: 'BEGAN', value: ({ created_ms }) => longTime(created_ms) },
      { title: 'USED', value: ({ used_ms }) => longTime(used_ms) },
    ],
    items,
    terminal.columns,
    terminal.style,
  );
}
