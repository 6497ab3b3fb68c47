import type { OperationOutput, OperatorRole } from '@talaria/protocol/operations';
import { Option, type Command } from 'commander';
import type { Client } from '../client.js';
import { addCommand, addGroup, trueOrFalse } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { record, table } from '../text/table.js';
import { longTime } from '../text/time.js';

type Operator = OperationOutput<'operators.get'>;
type Session = OperationOutput<'operators.sessions'>['items'][number];

export const OPERATOR = 'o_06aqx7m4e5v2k8r0d1f3g5h7j8';

/** The table that has them is loaded with the first call only. */
const ROLES = ['owner', 'admin', 'moderator', 'viewer'] as const satisfies readonly OperatorRole[];

export const roleOption = (text: string): Option => new Option('--role <role>', text).choices(ROLES);

/** Operators by an admin key, which is as good as an owner. */
export function addOperator(program: Command, context: Context): void {
  const group = addGroup(program, 'operator', 'Operators: those who sign in to the dashboard.');
  addList(group, context);
  addInvite(group, context);
  addUpdate(group, context);
  addDisable(group, context);
  addDelete(group, context);
  addLink(group, context);
  addSessions(group, context);
  addEndSession(group, context);
}

function addList(group: Command, context: Context): void {
  const command = addCommand(group, 'list', 'List operators, with those who are invited.', ['operator list', 'operator list -o json']);
  withPaging(withConnection(command)).action(async (flags: ConnectionFlags & ListFlags) => {
    const client = connect(context, flags, 'admin key');
    const page = await readPages(flags, (query) => client.call('operators.list', query));
    print(context, page, () => operatorTable(page.items, context));
    noteMore(context, page);
  });
}

function addInvite(group: Command, context: Context): void {
  const summary = 'Invite an operator: prints the link by which they choose login and password.';
  const command = addCommand(group, 'invite', summary, ['operator invite --role moderator', 'operator invite --role viewer --name "Ben"']);
  withConnection(command)
    .addOption(roleOption('What they may do').makeOptionMandatory())
    .option('--name <name>', 'Who it is for')
    .action(async ({ role, name, ...flags }: ConnectionFlags & { readonly role: OperatorRole; readonly name?: string }) => {
      const link = await invited(connect(context, flags, 'admin key'), { role, name });
      print(context, link, () => linkText(link, context));
    });
}

interface UpdateFlags {
  readonly name?: string;
  readonly role?: OperatorRole;
  readonly disabled?: boolean;
}

function addUpdate(group: Command, context: Context): void {
  const summary = 'Change name or role of an operator, or let one who was disabled sign in again.';
  const command = addCommand(group, 'update <operator>', summary, [`operator update ${OPERATOR} --role admin`, `operator update ${OPERATOR} --disabled false`]);
  withConnection(command)
    .option('--name <name>', 'Their name')
    .addOption(roleOption('What they may do; with a lower role their sessions end'))
    .option('--disabled <true or false>', 'Whether they may not sign in', trueOrFalse)
    .action(async (id: string, { name, role, disabled, ...flags }: ConnectionFlags & UpdateFlags) => {
      if (name === undefined && role === undefined && disabled === undefined) throw new CliError('usage', 'Nothing is to be changed.', 'Give --name, --role or --disabled.');
      show(context, await connect(context, flags, 'admin key').call('operators.update', { operator_id: id, name, role, disabled }));
    });
}

function addDisable(group: Command, context: Context): void {
  const command = addCommand(group, 'disable <operator>', 'Disable an operator: their sessions end, and they cannot sign in.', [`operator disable ${OPERATOR}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    show(context, await connect(context, flags, 'admin key').call('operators.update', { operator_id: id, disabled: true }));
  });
}

function addDelete(group: Command, context: Context): void {
  const command = addCommand(group, 'delete <operator>', 'Delete an operator, or take an invitation back.', [`operator delete ${OPERATOR} --yes`]);
  withYes(withConnection(command)).action(async (id: string, flags: ConnectionFlags & YesFlag) => {
    const client = connect(context, flags, 'admin key');
    await confirm(context, `Delete the operator ${id}`, flags.yes);
    await client.call('operators.delete', { operator_id: id });
    print(context, { deleted: id }, () => `Deleted ${id}.\n`);
  });
}

function addLink(group: Command, context: Context): void {
  const summary = 'Make a link by which an operator chooses a new password, or takes up the invitation.';
  const command = addCommand(group, 'link <operator>', summary, [`operator link ${OPERATOR}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    const link = await linked(connect(context, flags, 'admin key'), id);
    print(context, link, () => linkText(link, context));
  });
}

function addSessions(group: Command, context: Context): void {
  const command = addCommand(group, 'sessions <operator>', 'List where an operator is signed in.', [`operator sessions ${OPERATOR}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    const found = await connect(context, flags, 'admin key').call('operators.sessions', { operator_id: id });
    print(context, found, () => sessionTable(found.items, context));
  });
}

function addEndSession(group: Command, context: Context): void {
  const command = addCommand(group, 'end-session <operator> <session>', 'End a session of an operator at once.', ['operator end-session o_06aqx7… s_06aqx7…']);
  withConnection(command).action(async (id: string, session: string, flags: ConnectionFlags) => {
    await connect(context, flags, 'admin key').call('operators.revoke', { operator_id: id, session_id: session });
    print(context, { ended: session }, () => `Ended ${session}.\n`);
  });
}

interface Link {
  readonly operator_id: string;
  readonly url: string;
  readonly expires_ms: number;
}

/** A new operator, and the link for them. */
export async function invited(client: Client, who: { readonly role: OperatorRole; readonly name?: string | undefined }): Promise<Link> {
  const { operator, path, expires_ms } = await client.call('operators.invite', who);
  return { operator_id: operator.id, url: client.url + path, expires_ms };
}

/** A link for an operator there is. */
export async function linked(client: Client, id: string): Promise<Link> {
  const { path, expires_ms } = await client.call('operators.link', { operator_id: id });
  return { operator_id: id, url: client.url + path, expires_ms };
}

export function linkText({ operator_id, url, expires_ms }: Link, { terminal }: Context): string {
  const fields = record(
    [
      ['Operator', operator_id],
      ['Link', url, 'whole'],
      ['Good until', longTime(expires_ms)],
    ],
    terminal.columns,
    terminal.style,
  );
  return `${fields}\nThe link is good once, and shown only now. Whoever has it is this operator.\n`;
}

const stateOf = ({ login, disabled }: Operator): string => (disabled ? 'disabled' : login === null ? 'invited' : 'active');

function show(context: Context, operator: Operator): void {
  const { terminal } = context;
  print(context, operator, () =>
    record(
      [
        ['ID', operator.id],
        ['Login', operator.login ?? 'none yet'],
        ['Name', operator.name === '' ? '–' : operator.name],
        ['Role', operator.role],
        ['State', stateOf(operator)],
        ['Created', longTime(operator.created_ms)],
        ['Last seen', longTime(operator.last_seen_ms)],
      ],
      terminal.columns,
      terminal.style,
    ),
  );
}

function operatorTable(operators: readonly Operator[], { terminal }: Context): string {
  return table<Operator>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'LOGIN', value: ({ login }) => login ?? '–', flexible: true },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'STATE', value: stateOf },
    ],
    operators,
    terminal.columns,
    terminal.style,
  );
}

function sessionTable(items: readonly Session[], { terminal }: Context): string {
  return table<Session>(
    [
      { title: 'SESSION', value: ({ id }) => id },
      { title: 'ADDRESS', value: ({ address }) => address },
      { title: 'BROWSER', value: ({ agent }) => agent, flexible: true },
      { title: 'BEGAN', value: ({ created_ms }) => longTime(created_ms) },
      { title: 'USED', value: ({ used_ms }) => longTime(used_ms) },
    ],
    items,
    terminal.columns,
    terminal.style,
  );
}
