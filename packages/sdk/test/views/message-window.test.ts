/** Pages that are older or newer than the facts, in every order in which the two can come. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyConversation, foldConversation, type MessageView } from '../../src/state/index.js';
import type { Fact } from '../../src/streams/fact.js';
import { MessageWindow, type Page, type PageKind } from '../../src/views/message-window.js';

const ID = 'c_00000000000000000000000000';
const VIEWER = 'u_viewer';
const LIMIT = 4;
const MAX = 12;

type Step =
  | { readonly kind: 'send' | 'reply' | 'edit' | 'delete' | 'react' | 'unreact'; readonly at: number }
  | { readonly kind: 'deliver' | 'ask' | 'read' | 'answer'; readonly at: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('send', 'send', 'reply', 'edit', 'delete', 'react', 'unreact', 'deliver', 'deliver', 'ask', 'ask', 'read', 'answer', 'answer'), at: fc.nat(40),
});

/** A server: a log, and what it shows of it. */
function model() {
  const log: Fact[] = [];
  const state = emptyConversation(ID, VIEWER);
  const add = (type: string, actor: string, targetSeq: number, body: Fact['body']): void => {
    const seq = log.length + 1;
    const fact = { stream: ID, seq, eventId: `${seq}`, type, version: 1, actor, timeMs: seq, targetSeq, clientId: `${seq}`, traceId: '', redacted: false, body };
    log.push(fact);
    foldConversation(state, fact);
  };
  /** What may be done: nothing with what is gone, no reaction twice, none taken back that is not there. */
  const act = ({ kind, at }: Step): void => {
    const all = [...state.messages.values()];
    const target = all.length > 0 ? all[at % all.length] : undefined;
    const gone = !target || target.deleted_ms !== null;
    const own = target?.reactions.some((one) => one.own) ?? false;
    if (kind === 'send') add('message.created', at % 2 === 0 ? VIEWER : 'u_other', 0, { text: `${at}` });
    else if (kind === 'reply' && !gone && target.thread_id === null) add('message.created', 'u_other', 0, { text: 'reply', thread_seq: target.seq, in_main: at % 2 === 0 });
    else if (kind === 'edit' && !gone) add('message.updated', target.sender_id!, target.seq, { text: `edited ${at}` });
    else if (kind === 'delete' && !gone) add('message.deleted', target.sender_id!, target.seq, {});
    else if (kind === 'react' && !gone && !own) add('reaction.added', VIEWER, target.seq, { reaction: 'x' });
    else if (kind === 'unreact' && !gone && own) add('reaction.removed', VIEWER, target.seq, { reaction: 'x' });
  };
  const shown = (head: number): readonly MessageView[] => {
    const then = emptyConversation(ID, VIEWER);
    for (const fact of log.slice(0, head)) foldConversation(then, fact);
    return [...then.messages.values()].filter((message) => message.in_main);
  };
  return { log, act, shown };
}

/** A page as a server gives it that has read the log up to there. */
function pageAt(all: readonly MessageView[], head: number, from: number, to: number): Page {
  const items = all.slice(from, to);
  return { items, has_before: from > 0, has_after: to < all.length, head_seq: head, from_seq: from > 0 ? items[0]!.seq : 1, to_seq: to < all.length ? items.at(-1)!.seq : head };
}

function answer(all: readonly MessageView[], head: number, kind: PageKind, { from, to }: MessageWindow['range'], at: number): Page {
  switch (kind) {
    case 'replace': {
      const end = at % 3 === 0 ? Math.min(at + 1, all.length) : all.length;
      return pageAt(all, head, Math.max(0, end - LIMIT), end);
    }
    case 'older': {
      const below = all.filter(({ seq }) => seq < from).length;
      return pageAt(all, head, Math.max(0, below - LIMIT), below);
    }
    case 'newer': {
      const above = all.filter(({ seq }) => seq <= to).length;
      return pageAt(all, head, Math.min(above, all.length), Math.min(above + LIMIT, all.length));
    }
    case 'patch': return pageAt(all, head, 0, all.length);
  }
}

it('[ORD4,ORD5] however pages and facts come one after the other, the window is what the log comes to', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const server = model();
    const window = new MessageWindow(ID, VIEWER, 0, MAX);
    let delivered = 0;
    let loaded = false;
    let asked: { readonly kind: PageKind; readonly since: number; readonly at: number; readonly range: MessageWindow['range']; page: Page | undefined } | undefined;
    const read = (): void => {
      if (asked && !asked.page) asked.page = answer(server.shown(server.log.length), server.log.length, asked.kind, asked.range, asked.at);
    };
    const take = (count: number): void => {
      for (const fact of server.log.slice(delivered, delivered + count)) window.take(fact);
      delivered = Math.min(delivered + count, server.log.length);
    };
    const arrive = (): void => {
      read();
      // As a timeline does: an end that was pushed away is asked for again.
      const moved = asked && ((asked.kind === 'older' && asked.range.from !== window.range.from) || (asked.kind === 'newer' && asked.range.to !== window.range.to));
      if (asked?.page && !moved) window.put(asked.kind, asked.page, server.log.slice(asked.since, delivered));
      loaded ||= asked !== undefined;
      asked = undefined;
    };
    for (const one of steps) {
      switch (one.kind) {
        case 'deliver': take(1 + (one.at % 4)); break;
        case 'ask': {
          // Only at an end at which there is more, and not before there is anything.
          const kind: PageKind = !loaded || one.at % 5 === 0 ? 'replace' : window.hasOlder && one.at % 2 === 0 ? 'older' : window.atEnd ? 'patch' : 'newer';
          asked ??= { kind, since: delivered, at: one.at, range: window.range, page: undefined };
          break;
        }
        case 'read': read(); break;
        case 'answer': arrive(); break;
        default: server.act(one);
      }
    }
    arrive();
    take(server.log.length);
    const head = server.log.length;
    const all = server.shown(head);
    window.put('patch', { ...pageAt(all, head, 0, all.length), items: all.filter(({ seq }) => window.stale.has(seq)) }, []);
    const messages = [...window.messages];
    const { from, to } = window.range;
    expect(messages).toEqual(loaded ? all.filter(({ seq }) => seq >= from && (window.atEnd || seq <= to)) : []);
    expect(messages.length).toBeLessThanOrEqual(MAX);
    if (loaded) expect(window.hasOlder).toBe(all.some(({ seq }) => seq < from));
  }), { numRuns: 2_000 });
});
