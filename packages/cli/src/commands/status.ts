import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { record } from '../text/table.js';
import { bytesText, spanText } from '../text/time.js';

export function addStatus(program: Command, context: Context): void {
  withConnection(
    addCommand(program, 'status', 'Show how a running server is.', ['status', 'status --url https://chat.example.com']),
  ).action(async (flags: ConnectionFlags) => {
    const client = connect(context, flags, 'admin key');
    const status = await client.call('status.get', {});
    print(context, status, () => statusText(client.url, status, context));
    if (!status.ready) throw new CliError('failed', 'The server is not ready.', 'Its log says why.');
  });
}

function statusText(url: string, status: OperationOutput<'status.get'>, { terminal }: Context): string {
  return record(
    [
      ['URL', url],
      ['Ready', status.ready ? 'yes' : 'no'],
      ['Version', status.version],
      ['Running for', spanText(status.uptime_s)],
      ['Transport', status.transport],
      ['Storage', status.storage],
      ['Connections', String(status.connections)],
      ['Followed streams', String(status.followed_streams)],
      ['Log position', String(status.position)],
      ['Memory', bytesText(status.memory_bytes)],
      ['Store epoch', status.epoch],
    ],
    terminal.columns,
    terminal.style,
  );
}
