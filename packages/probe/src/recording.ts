/** A client's history: who it is, what it is answered, and what each of its observers sees. */
import { openHistory, Recorder, type HistoryWriter, type SeenFact, type SeenRange } from '@talaria/checker';
import type { Client } from '@talaria/sdk';
import { join } from 'node:path';
import { readPast, walkKey } from './past.js';

export interface RecordingOptions {
  readonly historyDir: string;
  readonly name: string;
  readonly appId: string;
  readonly userId: string;
}

/** What of a client's events a history holds, and who else wants to know. */
export interface Heard {
  acked?(clientId: string, place: { readonly id: string; readonly conversationId: string; readonly duplicate: boolean }): void;
  failed?(clientId: string): void;
  lostConnection?(): void;
  ownMark?(conversationId: string, readSeq: number): void;
  problem?(text: string): void;
}

export class Recording {
  readonly recorder: Recorder;
  /** How often a process has begun with this history, this one included. */
  readonly run: number;
  private readonly history: HistoryWriter;
  private readonly reached: Map<string, number>;
  private readonly stops: (() => void)[] = [];
  /** Commands of an earlier process that nobody has answered yet. */
  private readonly left: Set<string>;

  /** Begins a history, or goes on with the one that an earlier process of the same client has left. */
  constructor({ historyDir, name, appId, userId }: RecordingOptions) {
    const past = readPast(join(historyDir, `${name}.ndjson`));
    this.history = openHistory(historyDir, name);
    if (this.history.resumed) this.history.write({ k: 'restart' });
    this.history.write({ k: 'client', client: name, app: appId, user: userId, outbox: name });
    this.recorder = new Recorder((entry) => this.history.write(entry), name);
    this.run = past.runs + 1;
    this.reached = new Map(past.reached);
    this.left = new Set(past.unanswered);
  }

  /** Records what the client is told of its commands, its connection and the marks. */
  listen(client: Client, userId: string, heard: Heard = {}): void {
    const { recorder, stops } = this;
    let connected = client.status.state === 'connected';
    stops.push(client.on('status', (status) => {
      if (connected && status.state === 'reconnecting') {
        recorder.lost(status.reason);
        heard.lostConnection?.();
      }
      connected = status.state === 'connected';
      if (status.state === 'closed' && status.error) heard.problem?.(status.error.message);
    }), client.on('committed', ({ command, result }) => {
      this.left.delete(command.clientId);
      recorder.ack(command.clientId, result);
      heard.acked?.(command.clientId, result);
    }), client.on('failed', ({ command, error }) => {
      this.left.delete(command.clientId);
      recorder.fail(command.clientId, error.code);
      heard.failed?.(command.clientId);
    }), client.on('mark', (mark) => {
      recorder.mark(mark);
      if (mark.userId === userId) heard.ownMark?.(mark.conversationId, mark.readSeq);
    }), client.on('error', (error) => heard.problem?.(`${error.code}: ${error.message}`)));
  }

  /** Up to where an observer has come in a stream; undefined before its first sight of it. */
  reachedBy(observer: string, stream: string): number | undefined {
    return this.reached.get(walkKey(observer, stream));
  }

  /** An observer begins with a stream. It is not said again when it goes on after a restart: its cursor decides (ORD2). */
  begin(observer: string, stream: string, afterSeq: number): void {
    const key = walkKey(observer, stream);
    if (this.reached.has(key)) return;
    this.reached.set(key, afterSeq);
    this.recorder.observe(observer, stream, afterSeq);
  }

  fact(observer: string, fact: SeenFact): void {
    this.recorder.fact(observer, fact);
    this.pass(observer, fact.stream, fact.seq);
  }

  skipped(observer: string, range: SeenRange): void {
    this.recorder.skipped(observer, range);
    this.pass(observer, range.stream, range.toSeq);
  }

  /** What an earlier process gave to its outbox and the outbox did not keep: it was never sent, and nobody will answer (SND7). */
  giveUpLeft(): void {
    for (const clientId of this.left) this.recorder.fail(clientId, 'never_queued');
    this.left.clear();
  }

  /** Records nothing more. */
  close(): void {
    for (const stop of this.stops.splice(0)) stop();
    this.history.close();
  }

  private pass(observer: string, stream: string, seq: number): void {
    const key = walkKey(observer, stream);
    this.reached.set(key, Math.max(this.reached.get(key) ?? 0, seq));
  }
}
