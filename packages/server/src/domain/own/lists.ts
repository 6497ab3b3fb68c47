import { messageId } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { EntryType } from '../../storage/entry-types.js';
import { resolveOwner, type AppCaller } from '../caller.js';
import { headOf, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { parseStored } from '../../storage/stored-json.js';
import { seqIn } from '../messages/place.js';
import { stateOf } from '../messages/state.js';
import { forReader, messageView, threadView } from '../messages/view.js';
import { entryPage } from '../entry-page.js';
import { openPage, sealPage } from '../page-cursor.js';
import type { Bookmark } from './apply-bookmark.js';
import type { Draft } from './apply-draft.js';
import { parseMessageKey } from './keys.js';

interface PageInput {
  readonly user_id: string;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Keeps what a user is writing. @throws ProtocolError not_found, conflict, limit_reached */
export async function setDraft(domain: Domain, caller: AppCaller, input: OperationInput<'drafts.set'>, meta: CommandMeta): Promise<CommandResult> {
  const threadSeq = input.thread_id === undefined ? 0 : seqIn(input.conversation_id, input.thread_id, 'thread_id');
  const data = JSON.stringify(input.data);
  return submit(domain, {
    ...await headOf(domain, caller, 'drafts.set', input, meta), kind: 'draft.set', conversation: input.conversation_id,
    threadSeq, text: input.text, data: data === '{}' ? '' : data,
  }, meta.lane);
}

/** @throws ProtocolError forbidden, not_found */
export async function listDrafts(domain: Domain, caller: AppCaller, input: PageInput): Promise<OperationOutput<'drafts.list'>> {
  const page = await entryPage(domain, caller.app, await resolveOwner(domain, caller, input.user_id), 'draft', input);
  const items = page.items.map((row) => {
    const { conversation, seq } = parseMessageKey(row.key);
    const { text, data, time_ms } = parseStored(row.value) as Draft;
    return { conversation_id: conversation, thread_id: seq === 0 ? null : messageId(conversation, seq), text, data: data === '' ? {} : parseStored(data) as Record<string, never>, time_ms };
  });
  return { ...page, items };
}

/** The newest first. They are few, and are put in order here. @throws ProtocolError forbidden, not_found */
export async function listBookmarks(domain: Domain, caller: AppCaller, input: PageInput): Promise<OperationOutput<'bookmarks.list'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const rows = await allOf(domain, caller.app, user, 'bookmark');
  const list = `bookmarks ${caller.app} ${user}`;
  const { items, next } = newestFirst(rows, (row) => row.seq, input.limit, openPage(domain, list, input.after));
  const places = items.map((row) => parseMessageKey(row.key));
  const messages = await domain.storage.messagesAt(caller.app, user, places);
  return {
    items: items.map((row, at) => {
      const { note, time_ms } = parseStored(row.value) as Bookmark;
      const message = messages[at];
      return { message_id: messageId(places[at]!.conversation, places[at]!.seq), note, time_ms, message: message ? forReader(messageView(message), caller) : null };
    }),
    next: sealPage(domain, list, next),
  };
}

/** The latest reply first. @throws ProtocolError forbidden, not_found */
export async function listThreads(domain: Domain, caller: AppCaller, input: OperationInput<'threads.list'>): Promise<OperationOutput<'threads.list'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const all = (await domain.storage.threads(caller.app, user)).flatMap(({ root, unread }) => {
    const thread = threadView(stateOf(root));
    return thread && (unread > 0 || !input.unread_only) ? [{ root, thread, unread }] : [];
  });
  const list = `threads ${caller.app} ${user} ${input.unread_only}`;
  const { items, next } = newestFirst(all, ({ thread }) => thread.last_ms, input.limit, openPage(domain, list, input.after), ({ root }) => messageId(root.conversation, root.seq));
  return { items: items.map(({ root, thread, unread }) => ({ message: forReader(messageView(root), caller), thread, unread })), next: sealPage(domain, list, next) };
}

/** More than any list has. */
const ALL = 10_000;

async function allOf(domain: Domain, app: string, user: string, type: EntryType) {
  return (await domain.storage.entries(app, user, type, ALL, null)).items;
}

/** A page of a list that fits into memory. @param after what stood last, and by what it stood there */
function newestFirst<T>(all: readonly T[], rank: (item: T) => number, limit: number, after: string | null, name: (item: T) => string = () => ''): { items: readonly T[]; next: string | null } {
  const place = (item: T): string => `${rank(item).toString().padStart(16, '0')} ${name(item)}`;
  const sorted = [...all].sort((left, right) => (place(left) < place(right) ? 1 : -1));
  const rest = after === null ? sorted : sorted.filter((item) => place(item) < after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rest.length > limit && last !== undefined ? place(last) : null };
}
