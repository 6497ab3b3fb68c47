import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { table } from '../text/table.js';
import { bytesText, momentMs, shortTime } from '../text/time.js';

type Hour = OperationOutput<'usage.list'>['items'][number];

interface UsageFlags {
  readonly app?: string;
  readonly from?: number;
  readonly to?: number;
}

export function addUsage(program: Command, context: Context): void {
  withConnection(
    addCommand(program, 'usage', 'Show what an app used, by the hour.', [
      'usage --app a_06aqx7m4e5v2k8r0d1f3g5h7j8',
      'usage --from 7d',
      'usage --from 2026-11-01 --to 2026-12-01',
    ]),
  )
    .option('--app <id>', 'The app, when an admin key asks')
    .option('--from <time>', 'Since a date, or how long ago', momentMs)
    .option('--to <time>', 'Until a date, or how long ago', momentMs)
    .action(async (flags: ConnectionFlags & UsageFlags) => {
      const usage = await connect(context, flags, 'admin key').call('usage.list', {
        app_id: flags.app,
        from_ms: flags.from,
        to_ms: flags.to,
      });
      print(context, usage, () => usageTable(usage.items, context));
      if (usage.items.length === 0) note(context, 'Nothing was used in that time.');
    });
}

function usageTable(hours: readonly Hour[], { terminal }: Context): string {
  const sum = (of: (hour: Hour) => number): number => hours.reduce((total, hour) => total + of(hour), 0);
  const total = { messages: sum(({ messages }) => messages), facts: sum(({ facts }) => facts), bytes: sum(({ bytes }) => bytes) };
  const rows = [
    ...hours.map((hour) => ({ ...hour, when: shortTime(hour.hour_ms) })),
    ...(hours.length > 1 ? [{ ...total, when: 'total' }] : []),
  ];
  return table(
    [
      { title: 'HOUR (UTC)', value: ({ when }) => when },
      { title: 'MESSAGES', value: ({ messages }) => String(messages), right: true },
      { title: 'FACTS', value: ({ facts }) => String(facts), right: true },
      { title: 'BYTES', value: ({ bytes }) => bytesText(bytes), right: true },
    ],
    rows,
    terminal.columns,
    terminal.style,
  );
}
