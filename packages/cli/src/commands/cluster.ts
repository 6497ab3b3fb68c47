import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { table } from '../text/table.js';
import { bytesText, spanText } from '../text/time.js';

type Node = OperationOutput<'cluster.get'>['nodes'][number];

export function addCluster(program: Command, context: Context): void {
  const group = addGroup(program, 'cluster', 'The nodes that share a database.');
  const command = addCommand(group, 'status', 'List the nodes that a node hears of.', ['cluster status', 'cluster status --url https://chat.example.com']);
  withConnection(command).action(async (flags: ConnectionFlags) => {
    const { nodes } = await connect(context, flags, 'admin key').call('cluster.get', {});
    print(context, { nodes }, () => nodeTable(nodes, Date.now(), context));
  });
}

function nodeTable(nodes: readonly Node[], nowMs: number, { terminal }: Context): string {
  const places = nodes.map(({ host, port }) => `${host}:${port}`);
  // Workers without ports of their own are told apart by the end of their ids.
  const nameOf = ({ host, port, id }: Node): string => {
    const place = `${host}:${port}`;
    return places.indexOf(place) === places.lastIndexOf(place) ? place : `${place}/${id.slice(-4)}`;
  };
  return table<Node>(
    [
      { title: 'NODE', value: (node) => `${nameOf(node)}${node.this_node ? ' *' : ''}`, flexible: true },
      { title: 'VERSION', value: ({ version }) => version },
      { title: 'UP', value: ({ started_ms: startedMs }) => spanText(Math.max(0, nowMs - startedMs) / 1_000) },
      { title: 'STATE', value: ({ ready, bus }) => (ready ? (bus ? 'ready' : 'no bus') : 'not ready') },
      { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
      { title: 'LAG', value: ({ lag_ms: ms }) => `${ms} ms`, right: true },
      { title: 'MEMORY', value: ({ memory_bytes: bytes }) => bytesText(bytes), right: true },
    ],
    nodes,
    terminal.columns,
    terminal.style,
  );
}
