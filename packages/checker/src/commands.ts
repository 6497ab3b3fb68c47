import type { ClientHistory } from './clients.js';
import type { AckEntry, FailEntry, InvokeEntry, Recorded } from './entries.js';
import type { LogRow } from './streams.js';

/** All that the clients recorded of one command: its key is the server's (SND2), app, actor and `client_id`. */
export interface Command {
  readonly app: string;
  readonly user: string;
  readonly client_id: string;
  /** The client that recorded it first. */
  readonly client: string;
  /** The first time it was given to a client: retries come later. */
  invoke: Recorded<InvokeEntry> | undefined;
  /** In the order of their times. */
  readonly acks: Recorded<AckEntry>[];
  readonly fails: Recorded<FailEntry>[];
  /** How often the connection was lost before the answer. */
  unknowns: number;
}

/** The commands of a run, over all clients: the tabs of a browser share an outbox, so one may answer for another. */
export function commandsOf(clients: readonly ClientHistory[]): Command[] {
  const commands = new Map<string, Command>();
  for (const client of clients) {
    for (const line of client.lines) {
      if (line.k !== 'invoke' && line.k !== 'ack' && line.k !== 'fail' && line.k !== 'unknown') continue;
      const command = commandAt(commands, client, line.client_id);
      if (line.k === 'ack') command.acks.push(line);
      else if (line.k === 'fail') command.fails.push(line);
      else if (line.k === 'unknown') command.unknowns += 1;
      else if (command.invoke === undefined || line.at < command.invoke.at) command.invoke = line;
    }
  }
  for (const command of commands.values()) command.acks.sort((a, b) => a.at - b.at);
  return [...commands.values()];
}

/** The log's rows by the app and `client_id` of their command; rows that the server made by itself are left out. */
export function rowsByCommand(rows: readonly LogRow[]): Map<string, LogRow[]> {
  const found = new Map<string, LogRow[]>();
  for (const row of rows) {
    if (row.client_id === '') continue;
    const key = `${row.app}\n${row.client_id}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [row]);
    else group.push(row);
  }
  return found;
}

/** The rows that a command left in the log. */
export function rowsOfCommand(byCommand: ReadonlyMap<string, readonly LogRow[]>, command: Command): readonly LogRow[] {
  const rows = byCommand.get(`${command.app}\n${command.client_id}`) ?? [];
  // A backend may act for a user, and an erased row has lost its actor (VIS4).
  return command.user === '' ? rows : rows.filter((row) => row.actor === command.user || row.actor === '');
}

/** What a command asks for may be so already: it makes no fact, and is answered with the place of the one that made it so. */
const ALREADY: Readonly<Record<string, readonly string[]>> = {
  'member.add': ['member.joined'], 'member.remove': ['member.left'], 'message.delete': ['message.deleted', 'message.expired'],
  'conversations.create': ['conversation.created'], 'members.add': ['member.joined'], 'members.remove': ['member.left'], 'messages.delete': ['message.deleted', 'message.expired'], 'messages.hide': ['message.hidden'],
  'reactions.add': ['reaction.added'], 'pins.add': ['message.pinned'], 'bookmarks.add': ['bookmark.added'], 'threads.follow': ['thread.followed', 'thread.read'], 'threads.read': ['thread.read', 'thread.followed'],
  'blocks.add': ['user.blocked'], 'invitations.create': ['invitation.created'], 'links.join': ['member.joined', 'join.requested'], 'requests.create': ['member.joined', 'join.requested'],
  'requests.approve': ['member.joined'], 'invitations.accept': ['member.joined'], 'calls.answer': ['call.answered', 'call.started'],
};

/**
 * Whether the row at the place that a command was answered with may be the fact of an earlier command that had the same effect.
 *
 * @param row undefined when retention has removed it
 */
export function wasSoAlready(command: Command, row: LogRow | undefined): boolean {
  const types = command.invoke && Object.hasOwn(ALREADY, command.invoke.op) ? ALREADY[command.invoke.op] : undefined;
  return types !== undefined && (row === undefined || (row.client_id !== command.client_id && types.includes(row.type)));
}

/** VIS3: whether the row is a message that waited for approval until this command let it in. It is its sender's command, not this one. */
export function letsIn(byCommand: ReadonlyMap<string, readonly LogRow[]>, command: Command, row: LogRow): boolean {
  if (command.invoke?.op !== 'held.approve' || row.type !== 'message.created') return false;
  return (byCommand.get(`${command.app}\n${row.client_id}`) ?? []).some((one) => one.type === 'message.held');
}

function commandAt(commands: Map<string, Command>, client: ClientHistory, clientId: string): Command {
  const key = `${client.app}\n${client.user}\n${clientId}`;
  const known = commands.get(key);
  if (known !== undefined) return known;
  const command: Command = {
    app: client.app, user: client.user, client_id: clientId, client: client.client,
    invoke: undefined, acks: [], fails: [], unknowns: 0,
  };
  commands.set(key, command);
  return command;
}
