import type { OperationOutput } from '@talaria/protocol/operations';
import { Option, type Command } from 'commander';
import { addCommand, wholeNumber } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { noteMissing } from '../missing.js';
import { repeat } from '../repeat.js';
import { table } from '../text/table.js';
import { momentMs, shortTime } from '../text/time.js';
import { cut, plain } from '../text/width.js';

type Page = OperationOutput<'logs.list'>;
type Line = Page['items'][number];
type Incidents = OperationOutput<'incidents.list'>;

interface LogFlags {
  readonly level: Line['level'];
  readonly event?: string;
  readonly app?: string;
  readonly user?: string;
  readonly since?: number;
  readonly node?: string;
  readonly limit: number;
  readonly follow?: true;
}

const FOLLOW_MS = 1_000;
const PAGE_MAX = 200;

export function addLogs(program: Command, context: Context): void {
  withConnection(
    addCommand(program, 'logs', 'Show the last lines of the log, of all nodes. With -o json and --follow, one line is one line of the log.', ['logs', 'logs --level warn --since 1h', 'logs --follow']),
  )
    .addOption(new Option('--level <level>', 'The least level').choices(['info', 'warn', 'error']).default('info'))
    .option('--event <prefix>', 'Only events whose name begins so, such as consumer.')
    .option('--app <id>', 'Only what is about this app')
    .option('--user <id>', 'Only what is about this user')
    .option('--since <time>', 'Since a date, or how long ago', momentMs)
    .option('--node <id>', 'Only of this node')
    .option('--limit <number>', 'At most so many lines', wholeNumber(1, 10_000), 100)
    .option('--follow', 'Go on with new lines')
    .action(async ({ level, event, app, user, since, node, limit, follow, ...flags }: ConnectionFlags & LogFlags) => {
      const client = connect(context, flags, 'admin key');
      const read = async (most: number, sinceMs: number | undefined): Promise<Page> => {
        const items: Line[] = [];
        for (let after: string | undefined; ;) {
          const page = await client.call('logs.list', { level, event, app_id: app, user_id: user, since_ms: sinceMs, node, limit: Math.min(PAGE_MAX, most - items.length), after });
          items.push(...page.items);
          after = page.next ?? undefined;
          if (after === undefined || items.length >= most) return { items: items.reverse(), next: page.next, missing_nodes: page.missing_nodes };
        }
      };
      const page = await read(limit, since);
      const show = (lines: readonly Line[]): void => {
        for (const line of lines) context.terminal.out(follow && context.json ? `${JSON.stringify(line)}\n` : lineText(line, context));
      };
      if (!follow && context.json) print(context, page, () => '');
      else show(page.items);
      noteMissing(context, page);
      if (!follow) return;
      // What stands in the moment of the last line may have been shown.
      let fromMs = page.items.at(-1)?.time_ms ?? since ?? Date.now();
      let known = new Set(page.items.map(nameOf));
      await repeat(FOLLOW_MS, async () => {
        const { items } = await read(10_000, fromMs);
        const fresh = items.filter((line) => !known.has(nameOf(line)));
        show(fresh);
        fromMs = Math.max(fromMs, ...items.map((line) => line.time_ms));
        known = new Set([...items.filter((line) => line.time_ms === fromMs), ...fresh].map(nameOf));
      });
    });

  withConnection(addCommand(program, 'incidents', 'Show what went wrong lately, by the kind of event.', ['incidents', 'incidents --since 1h']))
    .option('--since <time>', 'Since a date, or how long ago', momentMs)
    .option('--node <id>', 'Only of this node')
    .action(async ({ since, node, ...flags }: ConnectionFlags & { readonly since?: number; readonly node?: string }) => {
      const found = await connect(context, flags, 'admin key').call('incidents.list', { since_ms: since, node });
      print(context, found, () => incidentTable(found, context));
      if (found.items.length === 0) note(context, 'Nothing went wrong.');
      noteMissing(context, found);
    });
}

const nameOf = ({ node, number }: Line): string => `${node} ${number}`;

/** `12:30:01.250 WARN  bus.disconnected server=nats://…`, cut to the terminal's width. */
function lineText({ time_ms: timeMs, level, event, fields }: Line, { terminal }: Context): string {
  const time = new Date(timeMs).toISOString().slice(11, 23);
  const head = `${time} ${level.toUpperCase().padEnd(5)} `;
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'green';
  return `${terminal.style('dim', time)} ${terminal.style(colour, level.toUpperCase().padEnd(5))} ${cut(plain(`${event}${fieldsText(fields)}`), terminal.columns - head.length)}\n`;
}

function fieldsText(fields: Line['fields']): string {
  return Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)}`).join('');
}

function incidentTable({ items }: Incidents, { terminal }: Context): string {
  return table<Incidents['items'][number]>(
    [
      { title: 'EVENT', value: ({ event }) => event },
      { title: 'COUNT', value: ({ count }) => String(count), right: true },
      { title: 'LAST (UTC)', value: ({ last_ms: lastMs }) => shortTime(lastMs) },
      { title: 'OVER', value: ({ over_ms: overMs }) => (overMs === null ? '–' : shortTime(overMs).slice(11)) },
      { title: 'NODES', value: ({ nodes }) => String(nodes.length), right: true },
      { title: 'LAST LINE', value: ({ example }) => fieldsText(example).trim(), flexible: true },
    ],
    items,
    terminal.columns,
    terminal.style,
  );
}
