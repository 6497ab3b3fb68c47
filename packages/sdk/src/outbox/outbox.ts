/** Commands in the order in which the app called, sent in that order per conversation until each is answered (SND4–SND7). */
import { messageId, type Ack, type Refusal, type UpInput } from '@talaria/protocol';
import type { CommandResult } from '@talaria/protocol/types';
import { backoffMs, type BackoffBounds } from '../connection/backoff.js';
import { deferred } from '../deferred.js';
import { asStoreError, TalariaError } from '../errors.js';
import type { Runtime } from '../runtime.js';
import type { Store } from '../store/port.js';
import { isSame, mismatch, refusalOf } from './check.js';
import type { Answered, Committed, OutboxCommand, OutboxEntry, PendingCommand, StoredCommand } from './entry.js';

export interface OutboxBounds {
  /** Commands that wait for their answer at once. */
  readonly in_flight_max: number;
  /** Commands that wait at all; more are refused at once (FLW3). */
  readonly entries_max: number;
  /** Finally refused commands that are kept to be sent again; the oldest are forgotten above it (FLW3). */
  readonly refused_max: number;
  readonly backoff: BackoffBounds;
}

export const defaultOutboxBounds: OutboxBounds = { in_flight_max: 256, entries_max: 10_000, refused_max: 1_000, backoff: { base_ms: 250, max_ms: 30_000 } };

export interface OutboxEvents {
  /** @returns whether there was a connection */
  send(frame: UpInput): boolean;
  /** Finally, by the server or here. */
  refused(command: OutboxCommand, error: TalariaError): void;
  committed(command: OutboxCommand, result: Committed): void;
  /** What `pendingOf` gives of a stream is another. */
  changed?(stream: string): void;
}

interface StreamLane {
  /** In flight first, then queued, then being stored; but for a lane that starts over. */
  readonly entries: OutboxEntry[];
  inFlight: number;
  /** A retryable refusal put entries back: answers that are still on their way come first, then all goes again in order. */
  startsOver: boolean;
  /** Set while a retryable refusal waits for its next try. */
  cancelRetry: (() => void) | undefined;
  attempts: number;
}

const orderKey = (order: number): string => order.toString().padStart(16, '0');

const newEntry = (order: number, command: OutboxCommand): OutboxEntry => ({ order, command, state: { kind: 'storing' }, queued: deferred(), committed: deferred() });

export class Outbox {
  private readonly lanes = new Map<string, StreamLane>();
  /** Without an answer. */
  private readonly byClientId = new Map<string, OutboxEntry>();
  private readonly refused = new Map<string, OutboxEntry>();
  private readonly callIds = new Map<number, string>();
  /** What was added before the stored commands are loaded; undefined from then on. */
  private early: OutboxEntry[] | undefined = [];
  /** Why nothing is taken any more. */
  private ended: TalariaError | undefined;
  private nextOrder = 1;
  private nextCallId = 1;
  private inFlight = 0;
  private serverMax = Number.MAX_SAFE_INTEGER;
  private connected = false;

  constructor(private readonly store: Store, private readonly runtime: Runtime, private readonly events: OutboxEvents, private readonly bounds: OutboxBounds) {}

  /**
   * Takes up what an earlier process left. What was added meanwhile comes behind it: the keys that are free are known only now
   * (SND7).
   *
   * @throws TalariaError store_failed, or the store's own
   */
  async load(): Promise<void> {
    try {
      const stored = (await this.store.load('outbox')).map(([key, value]) => [Number(key), JSON.parse(value) as StoredCommand] as const);
      if (this.ended) return;
      for (const [order, { refused, ...command }] of stored) {
        const entry = newEntry(order, command);
        if (refused) {
          this.refused.set(command.clientId, entry);
          this.report(entry, new TalariaError(refused.code, refused.message, { remediation: refused.remediation }));
        } else this.takeUp(entry);
      }
    } catch (cause) {
      const error = asStoreError('The outbox could not be read.', cause);
      this.end(error);
      throw error;
    }
    const early = this.early ?? [];
    this.early = undefined;
    for (const entry of early) this.admit(entry);
  }

  get size(): number {
    return this.byClientId.size;
  }

  get unanswered(): number {
    return this.inFlight;
  }

  /** What waits in a stream and what was finally refused there, in the order in which the app called. */
  pendingOf(stream: string): readonly PendingCommand[] {
    return [...this.lanes.get(stream)?.entries ?? [], ...this.refused.values()].filter(({ command }) => command.stream === stream)
      // One that is being written has no place yet.
      .sort((left, right) => (left.order || Infinity) - (right.order || Infinity) || 0)
      .map(({ command, committed }) => ({ command, refused: this.refused.has(command.clientId), committed: committed.promise }));
  }

  /**
   * Takes a command. One with the client id of a command that is still here is the same one: nothing is added (SND2).
   *
   * @returns `queued` once the store has it, `committed` once the server has it
   */
  add(command: OutboxCommand): { readonly queued: Promise<void>; readonly committed: Promise<Answered> } {
    const known = this.byClientId.get(command.clientId);
    const entry = known && isSame(known.command, command) ? known : newEntry(0, command);
    if (entry !== known) this.take(entry, known ? mismatch() : this.ended ?? refusalOf(command) ?? this.full());
    return { queued: entry.queued.promise, committed: entry.committed.promise };
  }

  private take(entry: OutboxEntry, refusal: TalariaError | undefined): void {
    if (refusal) {
      this.giveBack(entry, refusal);
      return;
    }
    this.byClientId.set(entry.command.clientId, entry);
    if (this.early) this.early.push(entry);
    else this.keep(entry);
  }

  private full(): TalariaError | undefined {
    if (this.byClientId.size < this.bounds.entries_max) return undefined;
    return new TalariaError('overloaded', `More than ${this.bounds.entries_max} commands wait.`, { retryable: true, remediation: 'Wait until some of them are sent.' });
  }

  private takeUp(entry: OutboxEntry): void {
    this.nextOrder = Math.max(this.nextOrder, entry.order + 1);
    entry.state = { kind: 'queued' };
    entry.queued.resolve();
    this.insert(entry);
  }

  /** SND8: what another client of the same store has put there, in its place. */
  adopt(order: number, value: string): void {
    const { refused, ...command } = JSON.parse(value) as StoredCommand;
    if (refused || this.early || this.byClientId.has(command.clientId)) return;
    this.takeUp(newEntry(order, command));
    this.pump(command.stream);
  }

  /** SND8: what another client of the same store was answered. */
  settle(clientId: string, answer: Answered | TalariaError): void {
    const entry = this.byClientId.get(clientId);
    if (!entry) return;
    if (!(answer instanceof TalariaError)) {
      this.committed(clientId, answer);
      return;
    }
    this.remove(entry);
    if (answer.code !== 'aborted') this.keepRefused(entry);
    entry.committed.reject(answer);
    if (answer.code !== 'aborted') this.events.refused(entry.command, answer);
    this.pump(entry.command.stream);
  }

  /** The stored commands are known: one that was added before that may be one of them (SND2). */
  private admit(entry: OutboxEntry): void {
    const stored = this.byClientId.get(entry.command.clientId);
    if (stored === entry) this.keep(entry);
    else if (stored && isSame(stored.command, entry.command)) {
      entry.queued.resolve(stored.queued.promise);
      entry.committed.resolve(stored.committed.promise);
    } else this.giveBack(entry, mismatch());
  }

  /** Gives it its place, and writes it. */
  private keep(entry: OutboxEntry): void {
    const written = this.write(entry);
    this.insert(entry);
    written.then(
      () => this.stored(entry),
      (cause: unknown) => {
        this.remove(entry);
        this.giveBack(entry, asStoreError('The outbox could not be written.', cause));
        this.pump(entry.command.stream);
      },
    );
  }

  /** A store of several clients gives the place itself; until then it is behind all others. */
  private async write(entry: OutboxEntry): Promise<void> {
    const value = JSON.stringify(entry.command);
    if (this.store.shared) {
      entry.order = 0;
      entry.order = await this.store.shared.append(value);
      return;
    }
    entry.order = this.nextOrder++;
    await this.store.write([{ table: 'outbox', key: orderKey(entry.order), value }]);
  }

  /** Refuses what no store has. The promises say so, and an event, but never within the app's own call (SND6). */
  private giveBack(entry: OutboxEntry, error: TalariaError): void {
    entry.queued.reject(error);
    entry.committed.reject(error);
    if (error.code !== 'closed') queueMicrotask(() => this.events.refused(entry.command, error));
  }

  private stored(entry: OutboxEntry): void {
    entry.queued.resolve();
    if (entry.state.kind === 'storing') entry.state = { kind: 'queued' };
    this.pump(entry.command.stream);
  }

  /** A connection is there: everything unanswered goes again, in order; the server tells duplicates (SND2). */
  connect(inFlightMax: number): void {
    this.connected = true;
    this.serverMax = inFlightMax;
    for (const stream of [...this.lanes.keys()]) this.pump(stream);
  }

  /** The connection is gone: what was in flight is unknown until it is sent again. */
  disconnect(): void {
    this.connected = false;
    this.inFlight = 0;
    this.callIds.clear();
    for (const lane of this.lanes.values()) {
      lane.cancelRetry?.();
      lane.cancelRetry = undefined;
      lane.inFlight = 0;
      lane.startsOver = false;
      for (const entry of lane.entries) if (entry.state.kind === 'in_flight') entry.state = { kind: 'queued' };
    }
  }

  ack(ack: Ack): void {
    const held = ack.held_id ? { id: ack.held_id, reason: ack.held_reason } : undefined;
    this.committed(ack.client_id, {
      id: held ? '' : messageId(ack.stream, ack.seq), conversationId: ack.stream, seq: ack.seq, timeMs: ack.time_ms, duplicate: ack.duplicate, held,
    });
  }

  /** @returns whether the reply was for a command of this outbox */
  reply(id: number, json: string): boolean {
    const clientId = this.callIds.get(id);
    if (clientId === undefined) return false;
    this.callIds.delete(id);
    const output = JSON.parse(json) as CommandResult & { readonly held?: Committed['held'] | null };
    const held = output.held ?? undefined;
    this.committed(clientId, {
      id: held ? '' : output.id, conversationId: output.conversation_id, seq: held ? 0 : output.seq, timeMs: output.time_ms, duplicate: output.duplicate, held, output,
    });
    return true;
  }

  /** @returns whether the refusal was for a command of this outbox */
  refuse(refusal: Refusal): boolean {
    const entry = this.byClientId.get(refusal.client_id);
    if (!entry) return false;
    if (refusal.call_id) this.callIds.delete(refusal.call_id);
    if (entry.state.kind !== 'in_flight') return true;
    this.landed(entry);
    const error = new TalariaError(refusal.code as TalariaError['code'], refusal.message, {
      retryable: refusal.retryable, retryAfterMs: refusal.retry_after_ms, remediation: refusal.remediation, requestId: refusal.request_id,
    });
    if (refusal.retryable) this.retryLater(entry, refusal);
    else this.refuseFinally(entry, error);
    this.pumpAll();
    return true;
  }

  /** Sends a finally refused command again, at the end of its lane, as a new one. */
  resend(clientId: string): boolean {
    const entry = this.refused.get(clientId);
    if (!entry || this.ended || entry.state.kind === 'given_up') return false;
    const again: OutboxEntry = { ...entry, state: { kind: 'storing' }, queued: deferred() };
    const written = this.write(again);
    this.insert(again);
    const stored = (): void => this.stored(again);
    written.then(stored, stored);
    return true;
  }

  /**
   * Gives a command up that is not on its way. Nobody is told before the store has forgotten it: what is gone from a screen must not
   * come back with the next process. The server is told, because its lane may wait for it (SND4).
   */
  async abandon(clientId: string): Promise<boolean> {
    const entry = this.byClientId.get(clientId) ?? this.refused.get(clientId);
    // What is being written has no place yet that could be forgotten.
    if (this.store.shared && !this.early) await entry?.queued.promise.catch(() => undefined);
    if (!entry || !this.mayGiveUp(entry)) return false;
    // SND8: it may be on its way from another client.
    if (this.store.shared && (!await this.store.shared.giveUp(clientId) || !this.mayGiveUp(entry))) return false;
    entry.state = { kind: 'given_up' };
    try {
      if (entry.order > 0) await this.forget(entry);
    } catch (cause) {
      entry.state = { kind: 'queued' };
      this.pump(entry.command.stream);
      throw asStoreError('The outbox could not be written.', cause);
    }
    this.remove(entry);
    this.events.send({ abandon: { client_id: clientId, stream: entry.command.stream } });
    const error = new TalariaError('aborted', 'The command was given up.');
    entry.queued.reject(error);
    entry.committed.reject(error);
    this.store.shared?.settled(clientId, error);
    this.pump(entry.command.stream);
    return true;
  }

  private mayGiveUp({ state }: OutboxEntry): boolean {
    return state.kind === 'storing' || state.kind === 'queued';
  }

  close(): void {
    this.disconnect();
    this.end(new TalariaError('closed', 'The client was closed before the server had answered.', { remediation: 'Open the same store again to go on.' }));
  }

  /** Takes nothing any more, and says of what waits that this process will not answer it. What is stored stays there. */
  end(error: TalariaError): void {
    this.ended ??= error;
    for (const entry of this.early?.splice(0) ?? []) {
      this.byClientId.delete(entry.command.clientId);
      this.giveBack(entry, error);
    }
    for (const entry of this.byClientId.values()) entry.committed.reject(error);
  }

  private insert(entry: OutboxEntry): void {
    const { stream, clientId } = entry.command;
    const lane = this.lanes.get(stream) ?? { entries: [], inFlight: 0, startsOver: false, cancelRetry: undefined, attempts: 0 };
    this.lanes.set(stream, lane);
    let at = lane.entries.length;
    // What another client was given a place for comes before what has none yet.
    if (entry.order > 0) while (at > lane.inFlight && !(lane.entries[at - 1]!.order < entry.order && lane.entries[at - 1]!.order > 0)) at -= 1;
    lane.entries.splice(at, 0, entry);
    this.byClientId.set(clientId, entry);
    this.refused.delete(clientId);
    this.events.changed?.(stream);
  }

  private remove(entry: OutboxEntry): void {
    for (const entries of [this.byClientId, this.refused]) if (entries.get(entry.command.clientId) === entry) entries.delete(entry.command.clientId);
    this.early = this.early?.filter((other) => other !== entry);
    this.leaveLane(entry);
    this.events.changed?.(entry.command.stream);
  }

  private leaveLane(entry: OutboxEntry): void {
    const { stream } = entry.command;
    const lane = this.lanes.get(stream);
    if (!lane) return;
    const at = lane.entries.indexOf(entry);
    if (at >= 0) lane.entries.splice(at, 1);
    if (lane.entries.length === 0) {
      lane.cancelRetry?.();
      this.lanes.delete(stream);
    }
  }

  private committed(clientId: string, result: Answered): void {
    const entry = this.byClientId.get(clientId);
    if (!entry) return;
    const lane = this.lanes.get(entry.command.stream);
    if (entry.state.kind === 'in_flight') this.landed(entry);
    if (lane) lane.attempts = 0;
    this.remove(entry);
    // If the process dies before this is written, the command goes again and answers as a duplicate.
    this.forget(entry).catch(() => undefined);
    entry.committed.resolve(result);
    this.events.committed(entry.command, result);
    this.pumpAll();
  }

  /** An answer came for what was in flight. */
  private landed(entry: OutboxEntry): void {
    this.inFlight -= 1;
    const lane = this.lanes.get(entry.command.stream);
    if (lane) lane.inFlight -= 1;
  }

  /** SND5. Behind a refused command the server refuses the rest of the lane, so the whole lane waits. */
  private retryLater(entry: OutboxEntry, refusal: Refusal): void {
    entry.state = { kind: 'queued' };
    const lane = this.lanes.get(entry.command.stream);
    if (!lane) return;
    lane.startsOver = true;
    if (lane.cancelRetry) return;
    const waitMs = Math.max(refusal.retry_after_ms, 0) + backoffMs(lane.attempts, this.bounds.backoff, this.runtime.fraction());
    lane.attempts += 1;
    lane.cancelRetry = this.runtime.after(waitMs, () => {
      lane.cancelRetry = undefined;
      this.pump(entry.command.stream);
    });
  }

  /**
   * SND6: what stands behind goes on. SND7: the store knows of the refusal before the app does, and until then: a process that dies
   * meanwhile neither sends again what was said to have failed, nor keeps from the app that it has.
   */
  private refuseFinally(entry: OutboxEntry, error: TalariaError): void {
    this.remove(entry);
    this.keepRefused(entry);
    const { code, message, remediation } = error;
    const told = (): void => this.report(entry, error);
    this.store.write([{ table: 'outbox', key: orderKey(entry.order), value: JSON.stringify({ ...entry.command, refused: { code, message, remediation } } satisfies StoredCommand) }]).then(told, told);
  }

  private keepRefused(entry: OutboxEntry): void {
    // It is not on its way any more: it may be given up.
    entry.state = { kind: 'queued' };
    this.refused.set(entry.command.clientId, entry);
    if (this.refused.size > this.bounds.refused_max) this.refused.delete(this.refused.keys().next().value!);
  }

  private report(entry: OutboxEntry, error: TalariaError): void {
    entry.committed.reject(error);
    this.events.refused(entry.command, error);
    this.nextOrder = Math.max(this.nextOrder, entry.order + 1);
    this.forget(entry).catch(() => undefined);
  }

  private forget({ order }: OutboxEntry): Promise<void> {
    return this.store.write([{ table: 'outbox', key: orderKey(order), value: null }]);
  }

  private pumpAll(): void {
    if (this.inFlight >= Math.min(this.bounds.in_flight_max, this.serverMax)) return;
    for (const stream of this.lanes.keys()) this.pump(stream);
  }

  /** Sends what may go, in order: nothing overtakes a command that is still being stored or waits for its retry. */
  private pump(stream: string): void {
    const lane = this.lanes.get(stream);
    if (!lane || !this.connected || lane.cancelRetry) return;
    if (lane.startsOver && lane.inFlight > 0) return;
    lane.startsOver = false;
    const max = Math.min(this.bounds.in_flight_max, this.serverMax);
    for (let at = lane.inFlight; at < lane.entries.length; at += 1) {
      const entry = lane.entries[at]!;
      if (entry.state.kind !== 'queued' || this.inFlight >= max) return;
      if (!this.events.send(this.frameOf(entry.command))) return;
      entry.state = { kind: 'in_flight' };
      this.inFlight += 1;
      lane.inFlight += 1;
    }
  }

  private frameOf(command: OutboxCommand): UpInput {
    if (command.kind === 'send') {
      return { send: { client_id: command.clientId, conversation_id: command.stream, text: command.text, data: command.data, silent: command.silent } };
    }
    // Odd ids are the outbox's, even ones those of reads.
    const id = this.nextCallId;
    this.nextCallId += 2;
    this.callIds.set(id, command.clientId);
    return { call: { id, op: command.op, json: command.json, client_id: command.clientId } };
  }
}
