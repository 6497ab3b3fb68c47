/** ORD5: the state of a conversation as a client makes it from nothing but its facts. */
import type { EventRow } from '../../src/storage/rows.js';

export interface FoldedMember {
  role: string;
  active: boolean;
  joinedSeq: number;
  leftSeq: number | null;
}

export interface FoldedMessage {
  readonly seq: number;
  readonly sender: string | null;
  readonly createdMs: number;
  readonly clientId: string | null;
  readonly ordinal: number;
  readonly senderOrdinal: number;
  changedSeq: number;
  editedMs: number | null;
  deletedMs: number | null;
  /** What it says; undefined once it is deleted. */
  body: { readonly text: string; readonly data: string; readonly silent: boolean; readonly system: boolean } | undefined;
}

export interface Folded {
  kind: string;
  name: string;
  data: unknown;
  history: string;
  headSeq: number;
  readonly members: Map<string, FoldedMember>;
  readonly messages: Map<number, FoldedMessage>;
}

interface Payload {
  readonly kind: string;
  readonly name: string;
  readonly data: unknown;
  readonly history: string;
  readonly user_id: string;
  readonly role: string;
  readonly text?: string;
  readonly silent?: boolean;
  readonly system?: boolean;
}

/** @param facts all of one conversation, ascending from its first */
export function fold(facts: readonly EventRow[]): Folded {
  const state: Folded = { kind: '', name: '', data: undefined, history: '', headSeq: 0, members: new Map(), messages: new Map() };
  for (const fact of facts) {
    if (fact.seq !== state.headSeq + 1) throw new Error(`fact ${fact.seq} does not follow ${state.headSeq}`);
    state.headSeq = fact.seq;
    apply(state, fact, JSON.parse(fact.payload) as Payload);
  }
  return state;
}

function apply(state: Folded, fact: EventRow, payload: Payload): void {
  switch (fact.type) {
    case 'conversation.created': Object.assign(state, { kind: payload.kind, name: payload.name, data: payload.data, history: payload.history }); return;
    case 'conversation.updated': Object.assign(state, { name: payload.name, data: payload.data, history: payload.history }); return;
    case 'member.joined': state.members.set(payload.user_id, { role: payload.role, active: true, joinedSeq: fact.seq, leftSeq: null }); return;
    case 'member.updated': member(state, payload).role = payload.role; return;
    case 'member.left': Object.assign(member(state, payload), { active: false, leftSeq: fact.seq }); return;
    case 'message.created': state.messages.set(fact.seq, message(fact, payload)); return;
    case 'message.updated': {
      const target = state.messages.get(fact.targetSeq ?? 0);
      if (!target) throw new Error(`fact ${fact.seq} edits nothing`);
      Object.assign(target, { changedSeq: fact.seq, editedMs: fact.timeMs, body: bodyOf(fact, payload) });
      return;
    }
    case 'message.deleted': {
      const target = state.messages.get(fact.targetSeq ?? 0);
      if (!target) throw new Error(`fact ${fact.seq} deletes nothing`);
      Object.assign(target, { changedSeq: fact.seq, deletedMs: fact.timeMs, body: undefined });
      return;
    }
    default: throw new Error(`${fact.type} is not a conversation's fact`);
  }
}

function member(state: Folded, payload: Payload): FoldedMember {
  const found = state.members.get(payload.user_id);
  if (!found) throw new Error(`${payload.user_id} was never a member`);
  return found;
}

function message(fact: EventRow, payload: Payload): FoldedMessage {
  return {
    seq: fact.seq, sender: fact.actor, createdMs: fact.timeMs, clientId: fact.clientId, ordinal: fact.ordinal, senderOrdinal: fact.senderOrdinal,
    changedSeq: fact.seq, editedMs: null, deletedMs: null, body: bodyOf(fact, payload),
  };
}

function bodyOf(fact: EventRow, payload: Payload): FoldedMessage['body'] {
  if (fact.redacted) return undefined;
  return { text: payload.text ?? '', data: typeof payload.data === 'string' ? payload.data : '', silent: payload.silent ?? false, system: payload.system ?? false };
}
