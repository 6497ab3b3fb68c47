/**
 * The two ways in which an app sees facts, recorded as two observers: a durable consumer, and a view. Users' own streams
 * are left out: nobody else may read one, so the log that a history is judged by has none.
 */
import { isUserStream } from '@talaria/protocol';
import type { Client, Consumption, Fact, Skipped } from '@talaria/sdk';
import type { Recording } from './recording.js';
import type { Heads } from './setup.js';

export class Observers {
  private consumption: Consumption | undefined;
  /** By stream, and under the empty name for all of them: how often the log that was walked was gone (RES5). */
  private readonly resynced = new Map<string, number>();
  private readonly streams = new Set<string>();
  resyncs = 0;
  /** Facts that the consumer has handled. */
  seen = 0;

  /** @param handled is told of each fact of a conversation that the consumer has handled */
  constructor(private recording: Recording, private readonly handled: (fact: Fact) => void) {}

  /** Call it before the client is ready, to miss nothing. */
  async start(client: Client): Promise<void> {
    client.on('fact', (fact) => this.viewed(fact));
    client.on('skipped', (range) => this.viewSkipped(range));
    client.on('resync', ({ stream }) => {
      this.resynced.set(stream, (this.resynced.get(stream) ?? 0) + 1);
      this.resyncs += 1;
    });
    this.consumption = await client.consume('probe', (fact) => this.consume(fact), { from: 'start', onSkipped: (range) => this.consumerSkipped(range) });
  }

  /** Goes on in another history, from where it stands. */
  turn(recording: Recording): void {
    const reached = [...this.streams].map((stream) => [stream, this.reached(stream)] as const);
    this.recording = recording;
    for (const [stream, seq] of reached) recording.begin(this.consumer(stream), stream, seq);
  }

  /** Up to where the consumer has come. */
  reached(stream: string): number {
    return this.recording.reachedBy(this.consumer(stream), stream) ?? 0;
  }

  /** Whether both have seen everything up to these heads, and the cursor is kept. */
  drained(heads: Heads): boolean {
    return (this.consumption?.idle ?? true) && this.behind(heads).length === 0
      && Object.entries(heads).every(([stream, seq]) => (this.recording.reachedBy(this.view(stream), stream) ?? seq) >= seq);
  }

  behind(heads: Heads): string[] {
    return Object.entries(heads).filter(([stream, seq]) => this.reached(stream) < seq).map(([stream]) => stream);
  }

  /** Says of both that they have drained their streams. */
  end(heads: Heads): void {
    for (const [stream, seq] of Object.entries(heads)) {
      this.recording.begin(this.consumer(stream), stream, 0);
      this.recording.recorder.end(this.consumer(stream), stream, seq);
      // A view that nothing has come to has not begun.
      if (this.recording.reachedBy(this.view(stream), stream) !== undefined) this.recording.recorder.end(this.view(stream), stream, seq);
    }
  }

  /** Owns a cursor: the same one over all restarts, and another one after a resync. */
  private consumer(stream: string): string {
    const generation = this.generation(stream);
    return generation === 0 ? 'consumer' : `consumer-${this.recording.run}-${generation}`;
  }

  /** Owns none: each process begins a new one. */
  private view(stream: string): string {
    return `view-${this.recording.run}-${this.generation(stream)}`;
  }

  private generation(stream: string): number {
    return (this.resynced.get(stream) ?? 0) + (this.resynced.get('') ?? 0);
  }

  private consume(fact: Fact): void {
    if (isUserStream(fact.stream)) return;
    this.streams.add(fact.stream);
    this.recording.begin(this.consumer(fact.stream), fact.stream, 0);
    this.recording.fact(this.consumer(fact.stream), fact);
    this.seen += 1;
    this.handled(fact);
  }

  private consumerSkipped(range: Skipped): void {
    if (isUserStream(range.stream)) return;
    this.recording.begin(this.consumer(range.stream), range.stream, 0);
    this.recording.skipped(this.consumer(range.stream), range);
  }

  private viewed(fact: Fact): void {
    if (isUserStream(fact.stream)) return;
    this.recording.begin(this.view(fact.stream), fact.stream, fact.seq - 1);
    this.recording.fact(this.view(fact.stream), fact);
  }

  private viewSkipped(range: Skipped): void {
    if (isUserStream(range.stream)) return;
    this.recording.begin(this.view(range.stream), range.stream, range.fromSeq - 1);
    this.recording.skipped(this.view(range.stream), range);
  }
}
