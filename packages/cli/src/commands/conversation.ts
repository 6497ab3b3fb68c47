import { roles, type Role } from '@talaria/protocol';
import type { OperationOutput } from '@talaria/protocol/operations';
import { Option, type Command } from 'commander';
import { addCommand, addGroup, collect, jsonObject, type JsonObject } from '../command.js';
import { withCommand, type CommandFlags } from '../command-flags.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { userRef } from '../references.js';
import { record, table } from '../text/table.js';
import { longTime, shortTime } from '../text/time.js';

type Conversation = OperationOutput<'conversations.get'>;
type Member = OperationOutput<'members.list'>['items'][number];
const EXAMPLE = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

interface CreateFlags {
  readonly member: string[];
  readonly name?: string;
  readonly direct?: true;
  readonly history?: 'from_join' | 'all';
  readonly data?: JsonObject;
}

interface FilterFlags {
  readonly name?: string;
  readonly kind?: 'direct' | 'group' | 'channel';
}

export function addConversation(program: Command, context: Context): void {
  const group = addGroup(program, 'conversation', 'Conversations of an app.');
  addCreate(group, context);
  addList(group, context);
  addShow(group, context);
  addAdd(group, context);
  addRemove(group, context);
  addMembers(group, context);
}

function addCreate(group: Command, context: Context): void {
  const examples = ['conversation create --member alice --member bob --name Lunch', 'conversation create --direct --member bob --as alice'];
  withCommand(withConnection(addCommand(group, 'create', 'Make a group, or get the direct conversation of two users.', examples)))
    .addOption(new Option('--member <user>', 'Who takes part; may be repeated').argParser(collect).makeOptionMandatory())
    .option('--name <name>', 'Name of the group')
    .option('--direct', 'The one conversation of two users')
    .addOption(new Option('--history <policy>', 'What new members see: from_join (default) or all').choices(['from_join', 'all']))
    .option('--data <json>', 'Your own JSON object', jsonObject)
    .action(async (flags: ConnectionFlags & CommandFlags & CreateFlags) => {
      const { name, history, data } = flags;
      const kind = flags.direct ? 'direct' : 'group';
      const input = { kind, name, history, data, member_ids: flags.member.map(userRef), as_user_id: actor(flags) } as const;
      showResult(context, await connect(context, flags, 'app key').call('conversations.create', input, flags));
    });
}

function addList(group: Command, context: Context): void {
  const summary = "List a user's conversations, latest activity first; without a user, those of the app, the newest first.";
  const command = addCommand(group, 'list [user]', summary, ['conversation list alice', 'conversation list --name lunch --kind group']);
  command.option('--name <words>', 'Only those with these words in their name; a word may be the beginning of one')
    .addOption(new Option('--kind <kind>', 'Only those of this kind').choices(['direct', 'group', 'channel']));
  withPaging(withConnection(command)).action(async (user: string | undefined, flags: ConnectionFlags & ListFlags & FilterFlags) => {
    const client = connect(context, flags, 'app key');
    const { name: q, kind } = flags;
    const page = await readPages(flags, async (query) => {
      if (user === undefined) return client.call('conversations.list', { q, kind, ...query });
      if (q === undefined) return client.call('inbox.list', { user_id: userRef(user), kind, ...query });
      const found = await client.call('search.conversations', { user_id: userRef(user), q, ...query });
      return { ...found, items: found.items.filter((one) => kind === undefined || one.kind === kind) };
    });
    print(context, page, () => conversationTable(page.items, context));
    noteMore(context, page);
  });
}

function addShow(group: Command, context: Context): void {
  const command = addCommand(group, 'show <conversation>', 'Show a conversation.', [`conversation show ${EXAMPLE}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    const conversation = await connect(context, flags, 'app key').call('conversations.get', { conversation_id: id });
    print(context, conversation, () => conversationText(conversation, context));
  });
}

function addAdd(group: Command, context: Context): void {
  const usage = 'add <conversation> <users...>';
  withCommand(withConnection(addCommand(group, usage, 'Add users to a group.', [`conversation add ${EXAMPLE} carol dave`])))
    .addOption(new Option('--role <role>', 'Their role').choices(roles).default('member'))
    .action(async (id: string, users: readonly string[], flags: ConnectionFlags & CommandFlags & { readonly role: Role }) => {
      const input = { conversation_id: id, member_ids: users.map(userRef), role: flags.role, as_user_id: actor(flags) };
      showResult(context, await connect(context, flags, 'app key').call('members.add', input, flags));
    });
}

function addRemove(group: Command, context: Context): void {
  const usage = 'remove <conversation> <user>';
  const command = addCommand(group, usage, 'Remove a user from a group.', [`conversation remove ${EXAMPLE} dave`]);
  withCommand(withConnection(command)).action(async (id: string, user: string, flags: ConnectionFlags & CommandFlags) => {
    const input = { conversation_id: id, user_id: userRef(user), as_user_id: actor(flags) };
    showResult(context, await connect(context, flags, 'app key').call('members.remove', input, flags));
  });
}

function addMembers(group: Command, context: Context): void {
  const summary = 'List the members of a conversation.';
  const command = addCommand(group, 'members <conversation>', summary, [`conversation members ${EXAMPLE}`]);
  withPaging(withConnection(command)).action(async (id: string, flags: ConnectionFlags & ListFlags) => {
    const client = connect(context, flags, 'app key');
    const page = await readPages(flags, (query) => client.call('members.list', { conversation_id: id, ...query }));
    print(context, page, () => memberTable(page.items, context));
    noteMore(context, page);
  });
}

function showResult(context: Context, result: OperationOutput<'members.add'>): void {
  print(context, result, () => resultText(result, context));
}

function actor({ as }: CommandFlags): string | undefined {
  return as === undefined ? undefined : userRef(as);
}

function resultText(result: OperationOutput<'members.add'>, { terminal }: Context): string {
  return record(
    [
      ['Conversation', result.conversation_id],
      ['Seq', String(result.seq)],
      ['Time', longTime(result.time_ms)],
      ...(result.duplicate ? [['Done', 'before, under the same idempotency key'] as const] : []),
    ],
    terminal.columns,
    terminal.style,
  );
}

function conversationText(conversation: Conversation, { terminal }: Context): string {
  return record(
    [
      ['ID', conversation.id],
      ['Kind', conversation.kind],
      ['Name', conversation.name === '' ? '–' : conversation.name],
      ['Members', String(conversation.member_count)],
      ['History', conversation.history === 'all' ? 'all, for every member' : 'from joining on'],
      ['Head seq', String(conversation.head_seq)],
      ['Floor seq', String(conversation.floor_seq)],
      ['Data', JSON.stringify(conversation.data)],
      ['Created', longTime(conversation.created_ms)],
      ['Updated', longTime(conversation.updated_ms)],
    ],
    terminal.columns,
    terminal.style,
  );
}

function conversationTable(conversations: readonly Conversation[], { terminal }: Context): string {
  return table<Conversation>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'UNREAD', value: ({ membership }) => (membership === null ? '–' : String(membership.unread)), right: true },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
      { title: 'LAST MESSAGE', value: ({ last_message }) => last_message?.text ?? '–', flexible: true },
    ],
    conversations,
    terminal.columns,
    terminal.style,
  );
}

function memberTable(members: readonly Member[], { terminal }: Context): string {
  return table<Member>(
    [
      { title: 'USER', value: ({ user_id }) => user_id },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'JOINED (UTC)', value: ({ joined_ms }) => shortTime(joined_ms) },
      { title: 'AT SEQ', value: ({ joined_seq }) => String(joined_seq), right: true },
    ],
    members,
    terminal.columns,
    terminal.style,
  );
}
