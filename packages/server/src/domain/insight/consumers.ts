import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Storage } from '../../storage/port.js';
import type { Domain } from '../domain.js';
import { storageOf } from '../search/index-state.js';
import type { Answers } from './parts.js';

type Item = OperationOutput<'consumers.list'>['items'][number];

const DUE = 'due';

/** How far something that works on the log is. */
export interface Progress {
  readonly name: string;
  readonly position: number;
  readonly head: number;
  readonly lag: number;
  readonly lagMs: number;
  readonly owner: string | null;
  readonly untilMs: number | null;
  readonly deadLetters: number;
}

/** What each consumer of a log has stored of itself; the due worker, which has no cursor, by what is the longest due; and the search index. */
export async function readProgress(storage: Storage, search: boolean, nowMs: number): Promise<readonly Progress[]> {
  const [{ position: head }, states, due, index] = await Promise.all([storage.info(), storage.consumers(), storage.due(nowMs, 1), search ? storage.searchState(nowMs) : undefined]);
  const overdueMs = Math.max(0, nowMs - (due.items[0]?.dueMs ?? nowMs));
  const found = states.map((state): Progress => {
    const held = { name: state.name, owner: state.untilMs > nowMs ? state.owner : null, untilMs: state.untilMs > nowMs ? state.untilMs : null, deadLetters: state.deadLetters };
    if (state.name === DUE) return { ...held, position: head, head, lag: 0, lagMs: overdueMs };
    return { ...held, position: state.position, head: Math.max(head, state.position + state.lag), lag: state.lag, lagMs: state.behindSinceMs === null ? 0 : Math.max(0, nowMs - state.behindSinceMs) };
  });
  // It takes a lease only when there is something to do.
  if (found.every(({ name }) => name !== DUE)) found.push({ name: DUE, position: head, head, lag: 0, lagMs: overdueMs, owner: null, untilMs: null, deadLetters: 0 });
  if (index) found.push({ name: 'search', position: index.position, head, lag: Math.max(0, head - index.position), lagMs: Math.round(index.behindMs), owner: null, untilMs: null, deadLetters: 0 });
  return found.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What works on a log, with what failed on the nodes. @throws ProtocolError not_found, unavailable */
export async function listConsumers(domain: Domain, input: OperationInput<'consumers.list'>): Promise<OperationOutput<'consumers.list'>> {
  const storage = await storageOf(domain, input.tenant_id);
  const [found, answers] = await Promise.all([readProgress(storage, domain.search, domain.clock.now()), domain.ask('consumers.list', input, null)]);
  return { items: found.map((one) => itemOf(one, answers)), missing_nodes: [...answers.missing] };
}

function itemOf({ name, position, head, lag, lagMs, owner, untilMs, deadLetters }: Progress, { parts }: Answers<'consumers.list'>): Item {
  const told = parts.flatMap(({ part }) => part.items).filter((item) => item.name === name);
  const failures = Math.max(0, ...told.map((item) => item.failures));
  const last = told.filter((item) => item.last_error_ms !== null).sort((left, right) => right.last_error_ms! - left.last_error_ms!)[0];
  return {
    name, position, head, lag, lag_ms: lagMs, node: owner, lease_until_ms: untilMs, failures, last_error: last?.last_error ?? null, last_error_ms: last?.last_error_ms ?? null, dead_letters: deadLetters,
  };
}
