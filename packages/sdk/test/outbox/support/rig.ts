import type { UpInput } from '@talaria/protocol';
import type { TalariaError } from '../../../src/errors.js';
import type { OutboxCommand } from '../../../src/outbox/entry.js';
import { defaultOutboxBounds, Outbox } from '../../../src/outbox/outbox.js';
import { memoryStore } from '../../../src/store/memory.js';
import type { Store } from '../../../src/store/port.js';
import { manualRuntime } from '../../manual-runtime.js';
import { clientIdOf } from './client-id.js';

export const CONVERSATION = 'c_00000000000000000000000000';

/** An outbox, and what it has sent and reported. Commands are known by the number in their client id. */
export function rig(store: Store = memoryStore()) {
  const sent: number[] = [];
  const refused: { readonly number: number; readonly error: TalariaError }[] = [];
  const outbox = new Outbox(store, manualRuntime(), {
    send(frame: UpInput) {
      if ('send' in frame && frame.send) sent.push(Number(frame.send.client_id?.slice(-12)));
      return true;
    },
    committed: () => undefined,
    refused: (command, error) => void refused.push({ number: Number(command.clientId.slice(-12)), error }),
  }, defaultOutboxBounds);
  return {
    outbox, store, sent, refused,
    add: (number: number, text = `text ${number}`) => outbox.add(message(number, text)),
    ack: (number: number) => outbox.ack({ client_id: clientIdOf(number), stream: CONVERSATION, seq: 100 + number, time_ms: 1, duplicate: false, held_id: '', held_reason: '' }),
    refuse: (number: number, code: string) => outbox.refuse({
      client_id: clientIdOf(number), call_id: 0, code, retryable: false, retry_after_ms: 0, message: code, remediation: '', request_id: '', stream: CONVERSATION,
    }),
  };
}

export function message(number: number, text = `text ${number}`): OutboxCommand {
  return { kind: 'send', clientId: clientIdOf(number), stream: CONVERSATION, text, data: '', silent: false };
}

/** A store whose loads wait until they are let go, with what is given stored under its number. */
export async function slowStore(...numbers: readonly number[]): Promise<{ readonly store: Store; letGo(error?: Error): void; stored(): Promise<readonly number[]> }> {
  const inner = memoryStore();
  await inner.write(numbers.map((number) => ({ table: 'outbox', key: String(number).padStart(16, '0'), value: JSON.stringify(message(number)) })));
  let letGo: (error?: Error) => void = () => undefined;
  const gate = new Promise<void>((resolve, reject) => {
    letGo = (error) => (error ? reject(error) : resolve());
  });
  gate.catch(() => undefined);
  return {
    store: { ...inner, load: async (table) => gate.then(() => inner.load(table)) }, letGo,
    stored: async () => (await inner.load('outbox')).map(([, value]) => Number((JSON.parse(value) as OutboxCommand).clientId.slice(-12))),
  };
}
