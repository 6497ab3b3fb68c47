import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { noteMissing } from '../missing.js';
import { table } from '../text/table.js';
import { spanText } from '../text/time.js';

type Consumer = OperationOutput<'consumers.list'>['items'][number];
type Setting = OperationOutput<'settings.list'>['items'][number];

export function addConsumers(program: Command, context: Context): void {
  withConnection(addCommand(program, 'consumers', 'Show what works on the log, and how far it is.', ['consumers', 'consumers --tenant t_06aqx7m4e5v2k8r0d1f3g5h7j8']))
    .option('--tenant <id>', 'A tenant with a database of its own')
    .action(async ({ tenant, ...flags }: ConnectionFlags & { readonly tenant?: string }) => {
      const found = await connect(context, flags, 'admin key').call('consumers.list', { tenant_id: tenant });
      print(context, found, () => consumerTable(found.items, context));
      noteMissing(context, found);
    });

  withConnection(addCommand(program, 'settings', 'Show the settings that a running server has, on all nodes. Secrets are hidden.', ['settings', 'settings --node 06aqx7m4']))
    .option('--node <id>', 'Only of this node')
    .action(async ({ node, ...flags }: ConnectionFlags & { readonly node?: string }) => {
      const found = await connect(context, flags, 'admin key').call('settings.list', { node });
      const nodes = new Set(found.items.flatMap((item) => item.nodes)).size;
      print(context, found, () => settingTable(found.items, nodes, context));
      noteMissing(context, found);
    });
}

function consumerTable(consumers: readonly Consumer[], { terminal }: Context): string {
  return table<Consumer>(
    [
      { title: 'CONSUMER', value: ({ name }) => name },
      { title: 'POSITION', value: ({ position }) => String(position), right: true },
      { title: 'BEHIND', value: ({ lag }) => String(lag), right: true },
      { title: 'FOR', value: ({ lag_ms: ms }) => (ms === 0 ? '–' : spanText(ms / 1_000)) },
      { title: 'NODE', value: ({ node }) => node?.slice(-8) ?? '–' },
      { title: 'DEAD', value: ({ dead_letters: count }) => String(count), right: true },
      { title: 'LAST ERROR', value: ({ last_error: error }) => error ?? '–', flexible: true },
    ],
    consumers,
    terminal.columns,
    terminal.style,
  );
}

function settingTable(settings: readonly Setting[], nodes: number, { terminal }: Context): string {
  return table<Setting>(
    [
      { title: 'SETTING', value: ({ name }) => name },
      { title: 'VALUE', value: ({ value }) => (value === '' ? '–' : value), flexible: true },
      { title: 'FROM', value: ({ source, from }) => (from === '' ? source : from), flexible: true },
      ...(nodes > 1 ? [{ title: 'NODES', value: (setting: Setting) => (setting.nodes.length === nodes ? 'all' : setting.nodes.map((node) => node.slice(-4)).join(' ')), flexible: true }] : []),
    ],
    settings,
    terminal.columns,
    terminal.style,
  );
}
