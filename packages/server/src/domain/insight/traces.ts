/**
 * What was recorded of the ways of messages, on this node. While no trace runs, `running` is undefined, and that is all that a message
 * costs. What is recorded is bounded: a message that would be too much makes the oldest one be forgotten.
 */
import type { OperationOutput } from '@talaria/protocol/operations';
import type { Cancel, Clock } from '../../runtime/clock.js';

type Way = OperationOutput<'traces.get'>;
export type TraceStep = Way['steps'][number]['step'];
export type TraceWrite = Way['writes'][number];

/** Whoever a message is written to. */
export interface TracedFollower {
  readonly id: string;
  readonly userId: string;
}

/** Traces that run or are kept, on this node; and of one app. */
export const TRACES_MAX = 32;
export const TRACES_OF_APP_MAX = 8;
/** Steps and writes of all messages together. */
const RECORDED_MAX = 20_000;
const WRITES_OF_MESSAGE_MAX = 1_000;
/** How long what was recorded is kept behind the end. */
export const KEPT_MS = 600_000;

interface Recorded {
  readonly steps: { step: TraceStep; atMs: number; tookMs: number | null }[];
  readonly writes: { connection: string; user: string; how: TraceWrite['how']; atMs: number }[];
  writesTotal: number;
}

export class ConversationTrace {
  readonly messages = new Map<number, Recorded>();
  endedMs: number | null = null;

  constructor(
    readonly app: string, readonly conversation: string, readonly startedMs: number, public untilMs: number,
    private readonly nowMs: () => number, private readonly room: { recorded: number },
  ) {}

  step(seq: number, step: TraceStep, tookMs: number | null = null, atMs = this.nowMs()): void {
    this.message(seq)?.steps.push({ step, atMs, tookMs });
  }

  /** The command has been answered. @param tookMs since it was read */
  answered(seq: number, tookMs: number): void {
    // Of other commands in the conversation nothing was recorded.
    if (!this.messages.has(seq)) return;
    const atMs = this.nowMs();
    this.step(seq, 'read', null, atMs - tookMs);
    this.step(seq, 'acked', null, atMs);
  }

  wrote(seq: number, { id, userId }: TracedFollower, how: TraceWrite['how']): void {
    const message = this.messages.get(seq);
    if (message && message.writes.length >= WRITES_OF_MESSAGE_MAX) message.writesTotal += 1;
    else {
      const found = this.message(seq);
      if (!found) return;
      found.writes.push({ connection: id, user: userId, how, atMs: this.nowMs() });
      found.writesTotal += 1;
    }
  }

  forget(seq: number): void {
    const message = this.messages.get(seq);
    if (!message) return;
    this.messages.delete(seq);
    this.room.recorded -= message.steps.length + message.writes.length;
  }

  /** With room for one thing more. */
  private message(seq: number): Recorded | undefined {
    while (this.room.recorded >= RECORDED_MAX) {
      const [oldest] = this.messages.keys();
      if (oldest === undefined || oldest === seq) return undefined;
      this.forget(oldest);
    }
    this.room.recorded += 1;
    let message = this.messages.get(seq);
    if (!message) {
      message = { steps: [], writes: [], writesTotal: 0 };
      this.messages.set(seq, message);
    }
    return message;
  }
}

export class Traces {
  /** By app and conversation; undefined when none runs. */
  running: Map<string, ConversationTrace> | undefined;
  private readonly all = new Map<string, ConversationTrace>();
  private readonly timers = new Map<string, Cancel>();
  private readonly room = { recorded: 0 };

  /** @param node this node's id */
  constructor(private readonly clock: Clock, private readonly node: string) {}

  /** The trace of a stream that is running. */
  of(app: string, stream: string): ConversationTrace | undefined {
    return this.running?.get(keyOf(app, stream));
  }

  /**
   * Begins to record, or goes on until then.
   *
   * @param ended called when it is over
   * @returns undefined when there are as many as there may be
   */
  start(app: string, conversation: string, untilMs: number, ended: () => void): ConversationTrace | undefined {
    const key = keyOf(app, conversation);
    const known = this.running?.get(key);
    if (!known && !this.hasRoomFor(app)) return undefined;
    // By the clock that only goes forward, so that steps of one node have their true distance.
    const zeroMs = this.clock.now() - this.clock.monotonic();
    const trace = known ?? new ConversationTrace(app, conversation, this.clock.now(), untilMs, () => zeroMs + this.clock.monotonic(), this.room);
    if (!known) this.drop(key);
    trace.untilMs = Math.max(trace.untilMs, untilMs);
    this.all.set(key, trace);
    this.running ??= new Map();
    this.running.set(key, trace);
    this.later(key, trace.untilMs - this.clock.now(), () => {
      this.stop(app, conversation);
      ended();
    });
    return trace;
  }

  /** @returns whether one was running */
  stop(app: string, conversation: string): boolean {
    const key = keyOf(app, conversation);
    const trace = this.running?.get(key);
    if (!trace) return false;
    this.running?.delete(key);
    if (this.running?.size === 0) this.running = undefined;
    trace.endedMs = this.clock.now();
    this.later(key, KEPT_MS, () => this.drop(key));
    return true;
  }

  list(app: string | null): OperationOutput<'traces.list'>['items'] {
    return [...this.all.values()].filter((trace) => app === null || trace.app === app).map((trace) => ({
      app_id: trace.app, conversation_id: trace.conversation, started_ms: trace.startedMs, until_ms: trace.endedMs ?? trace.untilMs, running: trace.endedMs === null, messages: trace.messages.size,
    }));
  }

  /** @returns what this node has recorded of a message; null when it recorded nothing of the conversation */
  message(app: string, conversation: string, seq: number): Pick<Way, 'steps' | 'writes' | 'writes_total'> | null {
    const trace = this.all.get(keyOf(app, conversation));
    if (!trace) return null;
    const { steps = [], writes = [], writesTotal = 0 } = trace.messages.get(seq) ?? {};
    return {
      steps: steps.map(({ step, atMs, tookMs }) => ({ step, node: this.node, at_ms: rounded(atMs), took_ms: tookMs === null ? null : rounded(tookMs) })),
      writes: writes.map(({ connection, user, how, atMs }) => ({ node: this.node, connection_id: connection, user_id: user, how, at_ms: rounded(atMs) })), writes_total: writesTotal,
    };
  }

  end(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.running = undefined;
  }

  private hasRoomFor(app: string): boolean {
    const over = [...this.all].filter(([, trace]) => trace.endedMs !== null);
    // What is only kept gives way.
    while (this.all.size >= TRACES_MAX && over.length > 0) this.drop(over.shift()![0]);
    return this.all.size < TRACES_MAX && [...this.all.values()].filter((trace) => trace.app === app && trace.endedMs === null).length < TRACES_OF_APP_MAX;
  }

  private later(key: string, ms: number, run: () => void): void {
    this.timers.get(key)?.();
    this.timers.set(key, this.clock.after(Math.max(0, ms), run));
  }

  private drop(key: string): void {
    this.timers.get(key)?.();
    this.timers.delete(key);
    const trace = this.all.get(key);
    if (!trace) return;
    for (const seq of [...trace.messages.keys()]) trace.forget(seq);
    this.all.delete(key);
  }
}

/** Where a command that has just been done stands, by what its operation answers. */
export function placeOf(output: unknown): { readonly stream: string; readonly seq: number } | undefined {
  if (typeof output !== 'object' || output === null || !('stream' in output) || !('seq' in output) || !('duplicate' in output)) return undefined;
  const { stream, seq, duplicate } = output;
  return typeof stream === 'string' && typeof seq === 'number' && duplicate === false ? { stream, seq } : undefined;
}

const keyOf = (app: string, conversation: string): string => `${app}/${conversation}`;
const rounded = (ms: number): number => Math.round(ms * 100) / 100;
