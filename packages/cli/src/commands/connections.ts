import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { noteMissing } from '../missing.js';
import { record, table } from '../text/table.js';
import { bytesText, longTime, spanText } from '../text/time.js';

type Connection = OperationOutput<'connections.list'>['items'][number];
type Detail = OperationOutput<'connections.get'>;
const EXAMPLE = 'n_06aqx7m4e5v2k8r0d1f3g5h7j8';

interface FilterFlags {
  readonly app?: string;
  readonly user?: string;
  readonly address?: string;
  readonly agent?: string;
  readonly node?: string;
}

export function addConnections(program: Command, context: Context): void {
  const group = addGroup(program, 'connections', 'Open connections of clients, on all nodes. For an admin key, or for a key of an app within it.');
  withPaging(withConnection(addCommand(group, 'list', 'List connections, the oldest first.', ['connections list', 'connections list --user ext:alice --app a_06aqx7m4e5v2k8r0d1f3g5h7j8', 'connections list --address 10.1.'])))
    .option('--app <id>', 'Only those of this app')
    .option('--user <id>', 'Only those of this user, by id or ext:ID')
    .option('--address <prefix>', 'Only those from addresses that begin so')
    .option('--agent <prefix>', 'Only clients whose name begins so')
    .option('--node <id>', 'Only those to this node')
    .action(async ({ app, user, address, agent, node, ...flags }: ConnectionFlags & ListFlags & FilterFlags) => {
      const client = connect(context, flags, 'admin key');
      const missing = new Set<string>();
      const page = await readPages(flags, async (query) => {
        const answer = await client.call('connections.list', { ...query, app_id: app, user_id: user, address, agent, node });
        for (const one of answer.missing_nodes) missing.add(one);
        return answer;
      });
      const answer = { items: page.items, next: page.next, missing_nodes: [...missing] };
      print(context, answer, () => connectionTable(answer.items, Date.now(), context));
      noteMore(context, answer);
      noteMissing(context, answer);
    });
  withConnection(addCommand(group, 'show <connection>', 'Show a connection and the streams that it follows.', [`connections show ${EXAMPLE}`]))
    .action(async (id: string, flags: ConnectionFlags) => {
      const found = await connect(context, flags, 'admin key').call('connections.get', { connection_id: id });
      print(context, found, () => detailText(found, context));
    });
  withConnection(addCommand(group, 'close <connection>', 'Close a connection. The client comes back by itself, unless it is told not to.', [`connections close ${EXAMPLE}`, `connections close ${EXAMPLE} --final`]))
    .option('--reason <text>', 'Why, for the log')
    .option('--final', 'Tell the client not to come back')
    .action(async (id: string, { reason, final, ...flags }: ConnectionFlags & { readonly reason?: string; readonly final?: true }) => {
      await connect(context, flags, 'admin key').call('connections.close', { connection_id: id, reason, final });
      print(context, { id, closed: true }, () => `${id} is closed.\n`);
      if (final) note(context, "The user's tokens stay valid: talaria user revoke-tokens ends them.");
    });
}

function stateOf({ slow, behind }: Connection): string {
  return slow ? 'slow' : behind > 0 ? 'behind' : 'live';
}

function connectionTable(connections: readonly Connection[], nowMs: number, { terminal }: Context): string {
  return table<Connection>(
    [
      { title: 'CONNECTION', value: ({ id }) => id },
      { title: 'USER', value: ({ user_id: user }) => user },
      { title: 'SINCE', value: ({ opened_ms: openedMs }) => spanText(Math.max(0, nowMs - openedMs) / 1_000), flexible: true },
      { title: 'STATE', value: stateOf },
    ],
    connections,
    terminal.columns,
    terminal.style,
  );
}

function detailText(one: Detail, { terminal }: Context): string {
  const fields = record(
    [
      ['Connection', one.id],
      ['User', one.user_id],
      ['App', one.app_id],
      ['Node', one.node],
      ['Device', one.device_id ?? 'not named'],
      ['Client', one.agent === '' ? 'not named' : one.agent],
      ['Address', one.address],
      ['Frames', one.form],
      ['Since', longTime(one.opened_ms)],
      ['Last pong', longTime(one.pong_ms)],
      ['State', `${stateOf(one)}${one.away ? ', away' : ''}`],
      ['Buffered', bytesText(one.buffered_bytes)],
      ['Commands waiting', String(one.in_flight)],
    ],
    terminal.columns,
    terminal.style,
  );
  const streams = table<Detail['streams'][number]>(
    [
      { title: 'STREAM', value: ({ stream }) => stream },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'CURSOR', value: ({ cursor_seq: seq }) => String(seq), right: true },
      { title: 'HEAD', value: ({ head_seq: seq }) => String(seq), right: true },
    ],
    one.streams,
    terminal.columns,
    terminal.style,
  );
  return `${fields}\n${streams}`;
}
