import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { noteMissing } from '../missing.js';
import { counted } from '../text/numbers.js';
import { record, table } from '../text/table.js';
import { durationSeconds, longTime, shortTime } from '../text/time.js';

type Way = OperationOutput<'traces.get'>;
type Trace = OperationOutput<'traces.list'>['items'][number];
const MESSAGE = 'm_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m';
const CONVERSATION = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

interface AppFlag {
  readonly app?: string;
}

export function addTrace(program: Command, context: Context): void {
  const group = addGroup(program, 'trace', 'The way of a message, from its command to the sockets of everybody. An admin key names the app.');
  withApp(addCommand(group, 'show <message>', 'Show the way of a message. `talaria trace MESSAGE` is the same.', [`trace show ${MESSAGE}`, `trace ${MESSAGE}`], { isDefault: true }))
    .action(async (message: string, { app, ...flags }: ConnectionFlags & AppFlag) => {
      const way = await connect(context, flags, 'admin key').call('traces.get', { message_id: message, app_id: app });
      print(context, way, () => wayText(way, context));
      if (!way.recorded) note(context, `No trace was running, so only what the log knows is shown. Record what comes: talaria trace start ${way.conversation_id}`);
      noteMissing(context, way);
    });
  withApp(addCommand(group, 'start <conversation>', 'Record the ways of messages of a conversation for a while.', [`trace start ${CONVERSATION}`, `trace start ${CONVERSATION} --for 10m`]))
    .option('--for <time>', 'How long, up to 10m', durationSeconds, 60)
    .action(async (conversation: string, { app, for: forS, ...flags }: ConnectionFlags & AppFlag & { readonly for: number }) => {
      const started = await connect(context, flags, 'admin key').call('traces.start', { conversation_id: conversation, for_s: forS, app_id: app });
      print(context, started, () => `Messages of ${conversation} are recorded until ${longTime(started.until_ms)}.\n`);
      noteMissing(context, started);
    });
  withApp(addCommand(group, 'stop <conversation>', 'Stop recording.', [`trace stop ${CONVERSATION}`]))
    .action(async (conversation: string, { app, ...flags }: ConnectionFlags & AppFlag) => {
      const ended = await connect(context, flags, 'admin key').call('traces.stop', { conversation_id: conversation, app_id: app });
      print(context, ended, () => (ended.stopped ? `${conversation} is recorded no more. What was recorded is kept for ten minutes.\n` : `${conversation} was not being recorded.\n`));
      noteMissing(context, ended);
    });
  withApp(addCommand(group, 'list', 'List conversations that are recorded, or were lately.', ['trace list']))
    .action(async ({ app, ...flags }: ConnectionFlags & AppFlag) => {
      const found = await connect(context, flags, 'admin key').call('traces.list', { app_id: app });
      print(context, found, () => traceTable(found.items, context));
      if (found.items.length === 0) note(context, 'There are none.');
      noteMissing(context, found);
    });
}

function withApp(command: Command): Command {
  return withConnection(command).option('--app <id>', 'The app, when an admin key asks');
}

function traceTable(traces: readonly Trace[], { terminal }: Context): string {
  return table<Trace>(
    [
      { title: 'CONVERSATION', value: ({ conversation_id: id }) => id },
      { title: 'STATE', value: ({ running }) => (running ? 'running' : 'ended') },
      { title: 'UNTIL (UTC)', value: ({ until_ms: untilMs }) => shortTime(untilMs) },
      { title: 'MESSAGES', value: ({ messages }) => String(messages), right: true },
    ],
    traces,
    terminal.columns,
    terminal.style,
  );
}

interface Event {
  readonly atMs: number;
  readonly what: string;
  readonly node: string;
}

function wayText(way: Way, { terminal }: Context): string {
  const fields = record(
    [
      ['Message', way.message_id],
      ['Sender', way.sender_id ?? 'the app'],
      ['Committed', `${longTime(way.committed_ms)}, seq ${way.seq}, position ${way.position}`],
      ['Trace id', way.trace_id === '' ? 'none' : way.trace_id],
      ['Delivered', `to ${way.delivered} of ${counted(way.members, 'member')}`],
      ['Read', `by ${way.read}`],
    ],
    terminal.columns,
    terminal.style,
  );
  const events: readonly Event[] = [
    ...way.steps.map(({ step, node, at_ms: atMs, took_ms: tookMs }) => ({ atMs, node, what: tookMs === null ? step : `${step}, which took ${tookMs} ms` })),
    ...way.writes.map(({ connection_id: connection, how, node, at_ms: atMs }) => ({ atMs, node, what: `${how === 'live' ? 'to' : 'caught up'} ${connection}` })),
  ].toSorted((left, right) => left.atMs - right.atMs);
  if (events.length === 0) return fields;
  const firstMs = events[0]!.atMs;
  const steps = table<Event>(
    [
      { title: 'AFTER', value: ({ atMs }) => `${(atMs - firstMs).toFixed(2)} ms`, right: true },
      { title: 'NODE', value: ({ node }) => node.slice(-8) },
      { title: 'STEP', value: ({ what }) => what, flexible: true },
    ],
    events,
    terminal.columns,
    terminal.style,
  );
  const more = way.writes_total - way.writes.length;
  return `${fields}\n${steps}${more > 0 ? `and ${more} more writes\n` : ''}`;
}
