/** The customer's backend: calls the server over HTTP, and calls again until it has an answer. */
import { Recorder } from '@talaria/checker';
import { operations, type OperationId, type OperationOutput } from '@talaria/protocol/operations';
import { createUuid7, uuidText } from '@talaria/protocol';
import type { Chronicle, ClientFile } from './chronicle.js';
import type { Input } from './deeds.js';
import type { Cluster } from './cluster.js';
import type { Dice } from './dice.js';
import type { Network } from './network.js';
import type { Scheduler } from './scheduler.js';

export interface BackendParts {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly chronicle: Chronicle;
  readonly cluster: Cluster;
  readonly now: () => number;
}


/** How a command stands in a history. */
export interface Noted {
  /** `message.send`, … */
  readonly op: string;
  readonly stream: string;
  readonly text?: string;
}

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

const RETRY_MS = { least: 50, most: 1_500 };
const ANSWER_MS = 4_000;

export class Backend {
  private readonly recorder: Recorder;
  private readonly file: ClientFile;
  private readonly newUuid: () => Uint8Array;
  /** An answer is lost so often, of a hundred. */
  lossPct = 0;

  constructor(private readonly parts: BackendParts, readonly app: string, private readonly key: string, private readonly dice: Dice, private readonly told: (id: OperationId, output: Readonly<Record<string, unknown>>) => void) {
    const name = `backend-of-${app}`;
    this.file = parts.chronicle.client({ k: 'client', client: name, app, user: '', outbox: name });
    // HTTP promises no order among its calls (SND4).
    this.recorder = new Recorder(this.file.write, '');
    this.newUuid = createUuid7({ now: parts.now, fill: (bytes) => dice.fill(bytes) });
  }

  get unacked(): number {
    return this.recorder.unacked.length;
  }

  /** A read, or a write that is no command. @returns undefined when it is refused */
  async ask<Id extends OperationId>(id: Id, input: Input): Promise<OperationOutput<Id> | undefined> {
    const answer = await this.untilAnswered(id, input, undefined);
    if (answer.status >= 300) return undefined;
    this.told(id, answer.json);
    return answer.json as OperationOutput<Id>;
  }

  /** A command. @returns its place; undefined when it was finally refused */
  async command(id: OperationId, input: Input, { op, stream, text }: Noted): Promise<{ readonly stream: string; readonly seq: number } | undefined> {
    const clientId = uuidText(this.newUuid());
    if (text === undefined) this.recorder.invoke(clientId, op, stream);
    else this.recorder.invokeSend(clientId, stream, text, {}, input['as_user_id'] === undefined);
    const { status, json } = await this.untilAnswered(id, input, clientId);
    if (status >= 300) {
      this.recorder.fail(clientId, String(json['code']));
      return undefined;
    }
    const place = { stream: String(json['stream']), seq: Number(json['seq']) };
    this.recorder.ack(clientId, { ...place, conversationId: String(json['conversation_id']), duplicate: json['duplicate'] === true });
    this.told(id, json);
    return place;
  }

  canary(hash: string): void {
    this.recorder.canary(this.app, hash);
  }

  /** The log is another one from now on. */
  enter(): void {
    this.file.enter(this.parts.chronicle.current, () => {
      for (const clientId of this.recorder.unacked) this.recorder.again(clientId);
    });
  }

  private async untilAnswered(id: OperationId, input: Input, clientId: string | undefined): Promise<Answer> {
    for (;;) {
      const answer = await this.attempt(id, input, clientId);
      if (answer && (answer.status < 300 || answer.json['retryable'] !== true)) return answer;
      if (!answer) this.recorder.lost('no answer');
      await this.parts.scheduler.sleep(this.dice.between(RETRY_MS.least, RETRY_MS.most), `${this.app} tries again`);
    }
  }

  /** @returns undefined when there is no answer */
  private async attempt(id: OperationId, input: Input, clientId: string | undefined): Promise<Answer | undefined> {
    const { scheduler, network, cluster, chronicle } = this.parts;
    await scheduler.sleep(network.latencyMs(), 'request');
    const answered = cluster.anyUp().http(this.request(id, input, clientId));
    // A process that dies answers nobody.
    const timeout = scheduler.sleep(ANSWER_MS, 'no answer').then(() => undefined);
    const response = answered && await Promise.race([answered, timeout]);
    const { era } = chronicle;
    await scheduler.sleep(network.latencyMs(), 'response');
    // An answer of the log before says nothing of this one.
    if (!response || era !== chronicle.era || this.dice.chance(this.lossPct / 100)) return undefined;
    const text = typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString();
    return { status: response.status, json: JSON.parse(text) as Record<string, unknown> };
  }

  private request(id: OperationId, input: Input, clientId: string | undefined) {
    const { method, path } = operations[id];
    const rest = { ...input };
    const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
      const value = String(rest[name]);
      delete rest[name];
      return encodeURIComponent(value);
    });
    const inQuery = method === 'GET' || method === 'DELETE';
    const headers = new Map([['authorization', `Bearer ${this.key}`], ...(clientId === undefined ? [] : [['idempotency-key', clientId] as const])]);
    if (!inQuery) headers.set('content-type', 'application/json');
    const query = inQuery ? new URLSearchParams(Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)])).toString() : '';
    return { method, path: filled, query, headers, body: inQuery ? new Uint8Array() : Buffer.from(JSON.stringify(rest)) };
  }
}
