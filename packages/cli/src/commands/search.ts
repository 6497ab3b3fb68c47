import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { record } from '../text/table.js';
import { spanText } from '../text/time.js';

type Index = OperationOutput<'search.status'>;

interface TenantFlag {
  readonly tenant?: string;
}

export function addSearch(program: Command, context: Context): void {
  const group = addGroup(program, 'search', 'The index in which messages are found.');
  const add = (name: string, description: string, operation: 'search.status' | 'search.rebuild'): void => {
    const command = addCommand(group, name, description, [`search ${name}`, `search ${name} --tenant t_06aqx7m4e5v2k8r0d1f3g5h7j8`])
      .option('--tenant <id>', 'A tenant with a database of its own');
    withConnection(command).action(async ({ tenant, ...flags }: ConnectionFlags & TenantFlag) => {
      const index = await connect(context, flags, 'admin key').call(operation, tenant === undefined ? {} : { tenant_id: tenant });
      print(context, index, () => indexText(index, context));
    });
  };
  add('status', 'Show how far the index is.', 'search.status');
  add('rebuild', 'Make the index anew. The old one answers until the new one is as far.', 'search.rebuild');
}

function indexText(index: Index, { terminal }: Context): string {
  return record(
    [
      ['Database of', index.tenant_id ?? 'the installation'],
      ['Generation', String(index.generation)],
      ['Position', String(index.position)],
      ['Behind', index.lag_ms === 0 ? 'no' : spanText(index.lag_ms / 1_000)],
      ['New index', index.building ? `being made, at position ${index.building.position}` : 'none'],
    ],
    terminal.columns,
    terminal.style,
  );
}
