import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, wholeNumber } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { noteMissing } from '../missing.js';
import { repeat } from '../repeat.js';
import { thousands } from '../text/numbers.js';
import { spark } from '../text/spark.js';
import { table } from '../text/table.js';
import { bytesText } from '../text/time.js';

type Stats = OperationOutput<'stats.get'>;
type Series = Stats['series'][number];

interface StatsFlags {
  readonly minutes: number;
  readonly node?: string;
  readonly watch?: true;
}

const WATCH_MS = 2_000;
const SPARK_COLUMNS = 24;
/** Back to the top, and everything below it away. */
const CLEAR = '\u001B[H\u001B[J';

export function addStats(program: Command, context: Context): void {
  withConnection(addCommand(program, 'stats', 'Show the last minutes in numbers. With -o json and --watch, one line is one answer.', ['stats', 'stats --minutes 60', 'stats --watch']))
    .option('--minutes <number>', 'How far back', wholeNumber(1, 60), 5)
    .option('--node <id>', 'Only this node, as talaria cluster status -o json names it')
    .option('--watch', 'Show them again and again')
    .action(async ({ minutes, node, watch, ...flags }: ConnectionFlags & StatsFlags) => {
      const client = connect(context, flags, 'admin key');
      const ask = (): Promise<Stats> => client.call('stats.get', { minutes, node });
      if (!watch) {
        const stats = await ask();
        print(context, stats, () => statsTable(stats, minutes, context));
        noteMissing(context, stats);
        return;
      }
      await repeat(WATCH_MS, async () => {
        const stats = await ask();
        if (context.json) context.terminal.out(`${JSON.stringify(stats)}\n`);
        else context.terminal.out(`${context.terminal.interactive ? CLEAR : ''}${statsTable(stats, minutes, context)}\n`);
      });
    });
}

function statsTable({ series }: Stats, minutes: number, { terminal }: Context): string {
  const known = ({ values }: Series): number[] => values.filter((value) => value !== null);
  const shown = (one: Series, of: (values: readonly number[]) => number): string => {
    const values = known(one);
    return values.length === 0 ? '–' : valueText(one.name, of(values));
  };
  return table<Series>(
    [
      { title: 'SERIES', value: ({ name, of }) => (of === null ? name : `${name} ${of}`), flexible: true },
      { title: 'NOW', value: (one) => shown(one, (values) => values.at(-1)!), right: true },
      { title: 'MEAN', value: (one) => shown(one, (values) => values.reduce((sum, value) => sum + value, 0) / values.length), right: true },
      { title: 'MOST', value: (one) => shown(one, (values) => Math.max(...values)), right: true },
      { title: `LAST ${minutes} MIN`, value: ({ values }) => spark(values, SPARK_COLUMNS) },
    ],
    series,
    terminal.columns,
    terminal.style,
  );
}

function valueText(name: Series['name'], value: number): string {
  if (name.endsWith('_bytes')) return bytesText(value);
  return value >= 100 ? thousands(Math.round(value)) : String(Math.round(value * 100) / 100);
}
