/** Messages that have no seq yet (VIS3): scheduled ones, and those that wait for approval. */
import { parsePlaceId, placeId, ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { bodyText, parseBody } from '../../storage/message-body.js';
import { parseStored } from '../../storage/stored-json.js';
import { resolveOwner, viewerOf, type AppCaller } from '../caller.js';
import { commandResult, commit, headOf, submit, submitForUser, type CommandMeta, type CommandResult, type UserCommandResult } from '../commands/submit.js';
import { allows } from '../conversations/authorise.js';
import type { Domain } from '../domain.js';
import { messageKey, parseMessageKey } from '../own/keys.js';
import { entryPage } from '../entry-page.js';
import { openPage, sealPage } from '../page-cursor.js';
import { parseHeld } from './apply-hold.js';
import { parseScheduled } from './apply-schedule.js';
import { contentOf } from './content.js';
import { checkText, textMaxOf } from './text-limit.js';

/** Has a message sent at its time. @throws ProtocolError not_found, forbidden, invalid_argument, limit_reached */
export async function schedule(domain: Domain, caller: AppCaller, input: OperationInput<'scheduled.create'>, meta: CommandMeta): Promise<CommandResult> {
  const { send_at_ms: sendAtMs, ...content } = input;
  checkText(input.text, await textMaxOf(domain, caller.app));
  const rich = await contentOf(domain, caller, content, sendAtMs);
  const data = input.data === undefined ? '' : JSON.stringify(input.data);
  const head = await headOf(domain, caller, 'scheduled.create', input, meta, { mentions: rich?.more.mentions });
  const made = await commit(domain, {
    ...head, kind: 'schedule.create', conversation: input.conversation_id,
    payload: bodyText({ text: input.text, data, silent: input.silent, system: false, more: rich?.more }), silent: input.silent, more: rich?.more ?? null,
    followers: [...head.user === null ? [] : [head.user], ...rich?.users ?? []], sendAtMs,
  }, meta.lane);
  return { ...commandResult(made), id: placeId('scheduled', made.place.stream, made.place.seq) };
}

/** @throws ProtocolError forbidden, not_found */
export async function listScheduled(domain: Domain, caller: AppCaller, input: OperationInput<'scheduled.list'>): Promise<OperationOutput<'scheduled.list'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const page = await entryPage(domain, caller.app, user, 'scheduled', input);
  const items = page.items.map((row) => {
    const { conversation_id, payload, created_ms } = parseScheduled(row);
    return { id: placeId('scheduled', user, row.seq), conversation_id, ...contentView(payload), created_ms, send_at_ms: row.dueMs ?? 0 };
  });
  return { ...page, items };
}

/** @throws ProtocolError not_found */
export async function cancelScheduled(domain: Domain, caller: AppCaller, input: OperationInput<'scheduled.cancel'>, meta: CommandMeta): Promise<UserCommandResult> {
  const place = parsePlaceId('scheduled', 'user', input.scheduled_id);
  if (!place) throw new ProtocolError('not_found', 'There is no such scheduled message.', { field: 'scheduled_id' });
  const done = await submitForUser(domain, {
    ...await headOf(domain, caller, 'scheduled.cancel', input, meta), kind: 'schedule.cancel', owner: place.stream, scheduledSeq: place.seq,
  }, meta.lane);
  return { ...done, id: input.scheduled_id };
}

/** Who may approve reads all; everybody else their own. @throws ProtocolError not_found */
export async function listHeld(domain: Domain, caller: AppCaller, input: OperationInput<'held.list'>): Promise<OperationOutput<'held.list'>> {
  const viewer = viewerOf(caller);
  const record = await domain.storage.conversation(caller.app, viewer, input.conversation_id);
  if (!record || record.member?.active === false) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  const all = !record.member || allows({ conversation: record.conversation, member: record.member }, 'message.approve');
  const list = `held ${caller.app} ${input.conversation_id} ${all ? '' : viewer}`;
  const after = openPage(domain, list, input.after) ?? (all ? null : messageKey(viewer ?? '', 0));
  const page = await domain.storage.entries(caller.app, input.conversation_id, 'held', input.limit, after);
  const rows = all ? page.items : page.items.filter((row) => parseMessageKey(row.key).conversation === viewer);
  const items = rows.map((row) => {
    const { conversation: sender, seq } = parseMessageKey(row.key);
    const { payload, reason, created_ms } = parseHeld(row);
    return { id: placeId('held', sender, seq), sender_id: sender, conversation_id: input.conversation_id, ...contentView(payload), created_ms, reason, expires_ms: row.dueMs ?? 0 };
  });
  return { items, next: sealPage(domain, list, page.more && rows.length === page.items.length ? page.items.at(-1)?.key ?? null : null) };
}

/** @throws ProtocolError not_found, forbidden */
export function approveHeld(domain: Domain, caller: AppCaller, input: OperationInput<'held.approve'>, meta: CommandMeta): Promise<CommandResult> {
  return decideHeld(domain, caller, 'held.approve', { ...input, reason: '' }, meta);
}

/** @throws ProtocolError not_found, forbidden */
export function rejectHeld(domain: Domain, caller: AppCaller, input: OperationInput<'held.reject'>, meta: CommandMeta): Promise<CommandResult> {
  return decideHeld(domain, caller, 'held.reject', input, meta);
}

async function decideHeld(domain: Domain, caller: AppCaller, op: 'held.approve' | 'held.reject', input: OperationInput<'held.reject'>, meta: CommandMeta): Promise<CommandResult> {
  const place = parsePlaceId('held', 'user', input.held_id);
  if (!place) throw new ProtocolError('not_found', 'No such message waits.', { field: 'held_id' });
  const { items } = await domain.storage.entries(caller.app, input.conversation_id, 'held', 1, messageKey(place.stream, place.seq - 1));
  const entry = items.find((row) => row.key === messageKey(place.stream, place.seq));
  return submit(domain, {
    ...await headOf(domain, caller, op, input, meta), kind: 'held.decide', conversation: input.conversation_id, sender: place.stream, heldSeq: place.seq,
    approve: op === 'held.approve', reason: input.reason, followers: entry ? parseHeld(entry).followers : [],
  }, meta.lane);
}

function contentView(payload: string): { text: string; data: Record<string, never> } {
  const { text, data } = parseBody(payload);
  return { text, data: data === '' ? {} : parseStored(data) as Record<string, never> };
}
