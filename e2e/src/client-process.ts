/** One user in a process of their own: sends, observes, and writes down what happens. */
import { openHistory } from '@talaria/checker';
import { connect, TalariaError, type Fact } from '@talaria/sdk';
import { createHash } from 'node:crypto';
import { textOf } from './body.js';

export interface ClientOptions {
  readonly url: string;
  readonly app: string;
  readonly appId: string;
  readonly token: string;
  readonly name: string;
  readonly histories: string;
  readonly conversations: readonly string[];
  /** Between two messages, on average. */
  readonly every_ms: number;
}

export type ClientMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'count'; readonly acked: number; readonly unanswered: number }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'done' };

/** What the parent says. */
export type ClientOrder =
  | { readonly kind: 'count' }
  /** Stop sending; answer `quiet` when every command has been answered. */
  | { readonly kind: 'stop' }
  /** See everything up to these seqs, then end. */
  | { readonly kind: 'finish'; readonly upTo: Readonly<Record<string, number>> };

const options = JSON.parse(process.argv[2] ?? '{}') as ClientOptions;
const history = openHistory(options.histories, options.name);
const tell = (message: ClientMessage): void => void process.send?.(message);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const client = connect({ url: options.url, app: options.app, token: options.token });

client.on('status', (status) => { if (process.env['TALARIA_E2E_TRACE']) console.error(options.name, JSON.stringify(status)); });
client.on('error', (error) => console.error(options.name, error.code, error.message));
const observed = new Map<string, number>();
let acked = 0;
let unanswered = 0;
const sending = { on: true };

function observe(stream: string, afterSeq: number): void {
  if (observed.has(stream)) return;
  observed.set(stream, afterSeq);
  history.write({ k: 'observe', observer: 'log', stream, after_seq: afterSeq });
}

function note(fact: Fact): void {
  // A user's own stream is nobody else's to read: the log that the checker gets holds conversations.
  if (fact.stream === client.userId) return;
  observe(fact.stream, fact.seq - 1);
  history.write({
    k: 'fact', observer: 'log', stream: fact.stream, seq: fact.seq, event_id: fact.eventId, type: fact.type, client_id: fact.clientId, actor: fact.actor,
    target_seq: fact.targetSeq, redacted: fact.redacted, ...(fact.type === 'message.created' && !fact.redacted ? { body: hash(textOf(fact.body)) } : {}),
  });
  observed.set(fact.stream, fact.seq);
}

async function send(conversation: string, text: string): Promise<void> {
  const message = client.conversations.open(conversation).send(text);
  history.write({ k: 'invoke', client_id: message.clientId, op: 'message.send', stream: conversation, outbox: options.name, body: hash(text) });
  unanswered += 1;
  const result = await message.sent.catch((error: unknown) => {
    if (error instanceof TalariaError) return error;
    throw error;
  });
  if (result instanceof TalariaError) history.write({ k: 'fail', client_id: message.clientId, code: result.code });
  else {
    history.write({ k: 'ack', client_id: message.clientId, stream: conversation, seq: result.seq, event_id: '', duplicate: result.duplicate });
    acked += 1;
  }
  unanswered -= 1;
}

async function sendOn(): Promise<void> {
  for (let index = 0; sending.on; index += 1) {
    const conversation = options.conversations[Math.floor(Math.random() * options.conversations.length)]!;
    void send(conversation, `${options.name} ${index}`);
    await new Promise<void>((resolve) => void setTimeout(resolve, options.every_ms * 2 * Math.random()));
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => void setTimeout(resolve, 10));
}

process.on('message', (order: ClientOrder) => void obey(order));

async function obey(order: ClientOrder): Promise<void> {
  switch (order.kind) {
    case 'count':
      tell({ kind: 'count', acked, unanswered });
      return;
    case 'stop':
      sending.on = false;
      await until(() => unanswered === 0);
      tell({ kind: 'quiet' });
      return;
    case 'finish':
      await until(() => Object.entries(order.upTo).every(([stream, seq]) => (observed.get(stream) ?? 0) >= seq));
      for (const [stream, seq] of Object.entries(order.upTo)) history.write({ k: 'end', observer: 'log', stream, seq });
      await client.close();
      history.close();
      tell({ kind: 'done' });
      process.disconnect();
  }
}

await client.consume('log', note, {
  from: 'start',
  onSkipped(range) {
    if (range.stream === client.userId) return;
    observe(range.stream, range.fromSeq - 1);
    history.write({
      k: 'range', observer: 'log', stream: range.stream, from_seq: range.fromSeq, to_seq: range.toSeq,
      cause: range.cause === 'membership' || range.cause === 'retention' ? range.cause : 'skipped',
    });
    observed.set(range.stream, range.toSeq);
  },
});
await client.ready();
history.write({ k: 'client', client: options.name, app: options.appId, user: client.userId, outbox: options.name });
tell({ kind: 'ready' });
void sendOn();
