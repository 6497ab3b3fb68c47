/** Ways into a conversation beside being added. */
import { parsePlaceId, placeId, ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { timingSafeEqual } from 'node:crypto';
import type { EntryRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import { resolveOwner, resolveUser, type AppCaller } from '../caller.js';
import { commandResult, commit, headOf, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import { requireReadAs } from '../conversations/reads.js';
import { settingsOf } from '../conversations/settings.js';
import type { Domain } from '../domain.js';
import { entryPage } from '../entry-page.js';
import { isOver, parseInvitation, type Invitation } from './apply-invitation.js';
import { isUsable, noLink } from './apply-link.js';
import { parseRequest, type OwnRequest } from './apply-request.js';
import { linkKey, parseLink } from './join-link.js';

const inSeconds = (domain: Domain, seconds: number | undefined): number | null => (seconds === undefined ? null : domain.clock.now() + seconds * 1_000);

/** Invites users. @throws ProtocolError not_found, forbidden, conflict, limit_reached */
export async function invite(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.create'>, meta: CommandMeta): Promise<CommandResult> {
  const members = await Promise.all(input.user_ids.map((ref) => resolveUser(domain, caller, ref, 'user_ids')));
  return submit(domain, {
    ...await headOf(domain, caller, 'invitations.create', input, meta, { user_ids: members }), kind: 'invitation.create', conversation: input.conversation_id, members,
    role: input.role ?? null, expiresMs: inSeconds(domain, input.expires_in_s),
  }, meta.lane);
}

/** @throws ProtocolError not_found */
export async function acceptInvitation(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.accept'>, meta: CommandMeta): Promise<CommandResult> {
  return submit(domain, {
    ...await headOf(domain, caller, 'invitations.accept', input, meta), kind: 'invitation.answer', conversation: input.conversation_id, accept: true,
  }, meta.lane);
}

/** @throws ProtocolError not_found */
export async function declineInvitation(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.decline'>, meta: CommandMeta): Promise<CommandResult> {
  return submit(domain, {
    ...await headOf(domain, caller, 'invitations.decline', input, meta), kind: 'invitation.answer', conversation: input.conversation_id, accept: false,
  }, meta.lane);
}

/** @throws ProtocolError not_found, forbidden */
export async function revokeInvitation(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.revoke'>, meta: CommandMeta): Promise<CommandResult> {
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...await headOf(domain, caller, 'invitations.revoke', input, meta, { user_id: member }), kind: 'invitation.revoke', conversation: input.conversation_id, member,
  }, meta.lane);
}

/** @throws ProtocolError not_found, forbidden */
export async function listInvitations(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.list'>): Promise<OperationOutput<'invitations.list'>> {
  await requireReadAs(domain, caller, input.conversation_id, 'conversation.invite');
  const page = await entryPage(domain, caller.app, input.conversation_id, 'invitation', input);
  return { ...page, items: page.items.map((row) => ({ user_id: row.key, ...parseInvitation(row) })) };
}

/** @throws ProtocolError forbidden, not_found */
export async function listOwnInvitations(domain: Domain, caller: AppCaller, input: OperationInput<'invitations.mine'>): Promise<OperationOutput<'invitations.mine'>> {
  const page = await entryPage(domain, caller.app, await resolveOwner(domain, caller, input.user_id), 'invited', input);
  const nowMs = domain.clock.now();
  const items = page.items.map((row) => ({ conversation_id: row.key, ...parseStored(row.value) as Invitation & { kind: string; name: string } }));
  return { ...page, items: items.filter((one) => !isOver(one, nowMs)) };
}

/** Makes a link to join. @throws ProtocolError not_found, forbidden, conflict, limit_reached */
export async function createLink(domain: Domain, caller: AppCaller, input: OperationInput<'links.create'>, meta: CommandMeta): Promise<OperationOutput<'links.create'>> {
  const made = await commit(domain, {
    ...await headOf(domain, caller, 'links.create', input, meta), kind: 'link.create', conversation: input.conversation_id, role: input.role ?? null,
    expiresMs: inSeconds(domain, input.expires_in_s), usesMax: input.uses_max ?? null, approval: input.approval,
  }, meta.lane);
  const id = placeId('link', made.conversation, made.place.seq);
  return { ...commandResult(made), id, code: codeOf(domain, caller.app, id) };
}

/** @throws ProtocolError not_found, forbidden */
export async function listLinks(domain: Domain, caller: AppCaller, input: OperationInput<'links.list'>): Promise<OperationOutput<'links.list'>> {
  await requireReadAs(domain, caller, input.conversation_id, 'conversation.invite');
  const { items } = await domain.storage.entries(caller.app, input.conversation_id, 'join_link', ALL, null);
  return {
    items: items.map((row) => {
      const id = placeId('link', input.conversation_id, row.seq);
      return { id, code: codeOf(domain, caller.app, id), ...parseLink(row) };
    }),
  };
}

/** @throws ProtocolError not_found, forbidden */
export async function revokeLink(domain: Domain, caller: AppCaller, input: OperationInput<'links.revoke'>, meta: CommandMeta): Promise<CommandResult> {
  const { stream, seq } = placeOfLink(input.link_id);
  return submit(domain, { ...await headOf(domain, caller, 'links.revoke', input, meta), kind: 'link.revoke', conversation: stream, linkSeq: seq }, meta.lane);
}

/** Where a code leads to. @throws ProtocolError not_found */
export async function lookAtLink(domain: Domain, caller: AppCaller, input: OperationInput<'links.get'>): Promise<OperationOutput<'links.get'>> {
  const { stream, seq } = placeOfCode(domain, caller.app, input.code);
  const { items: [row] } = await domain.storage.entries(caller.app, stream, 'join_link', 1, linkKey(seq - 1));
  const record = row?.key === linkKey(seq) && isUsable(parseLink(row), domain.clock.now()) ? await domain.storage.conversation(caller.app, null, stream) : null;
  if (!row || !record) throw noLink();
  const { conversation } = record;
  const { approval, expires_ms } = parseLink(row);
  return { conversation_id: stream, kind: conversation.kind, name: conversation.name, avatar_url: settingsOf(conversation).avatar_url ?? null, member_count: conversation.memberCount, approval, expires_ms };
}

/** @throws ProtocolError not_found, limit_reached */
export async function joinByLink(domain: Domain, caller: AppCaller, input: OperationInput<'links.join'>, meta: CommandMeta): Promise<OperationOutput<'links.join'>> {
  const { stream, seq } = placeOfCode(domain, caller.app, input.code);
  const done = await commit(domain, { ...await headOf(domain, caller, 'links.join', input, meta), kind: 'link.join', conversation: stream, linkSeq: seq }, meta.lane);
  return { ...commandResult(done), joined: done.place.type === 'member.joined' };
}

/** Joins, or asks to. @throws ProtocolError not_found, limit_reached */
export async function requestJoin(domain: Domain, caller: AppCaller, input: OperationInput<'requests.create'>, meta: CommandMeta): Promise<OperationOutput<'requests.create'>> {
  const done = await commit(domain, {
    ...await headOf(domain, caller, 'requests.create', input, meta), kind: 'join.request', conversation: input.conversation_id, text: input.text,
  }, meta.lane);
  return { ...commandResult(done), joined: done.place.type === 'member.joined' };
}

/** @throws ProtocolError not_found, forbidden */
export async function listRequests(domain: Domain, caller: AppCaller, input: OperationInput<'requests.list'>): Promise<OperationOutput<'requests.list'>> {
  await requireReadAs(domain, caller, input.conversation_id, 'member.approve');
  const page = await entryPage(domain, caller.app, input.conversation_id, 'join_request', input);
  return { ...page, items: page.items.map((row) => requestView(input.conversation_id, row)) };
}

function requestView(conversation: string, row: EntryRow): OperationOutput<'requests.list'>['items'][number] {
  const { text, role = null, link_seq, created_ms } = parseRequest(row);
  return { user_id: row.key, text, role, link_id: link_seq === undefined ? null : placeId('link', conversation, link_seq), created_ms };
}

/** @throws ProtocolError not_found, forbidden, limit_reached when the link by which they asked is used up */
export function approveRequest(domain: Domain, caller: AppCaller, input: OperationInput<'requests.approve'>, meta: CommandMeta): Promise<CommandResult> {
  return decideRequest(domain, caller, 'requests.approve', input, meta);
}

/** @throws ProtocolError not_found, forbidden */
export function denyRequest(domain: Domain, caller: AppCaller, input: OperationInput<'requests.deny'>, meta: CommandMeta): Promise<CommandResult> {
  return decideRequest(domain, caller, 'requests.deny', input, meta);
}

async function decideRequest(domain: Domain, caller: AppCaller, op: 'requests.approve' | 'requests.deny', input: OperationInput<'requests.approve'>, meta: CommandMeta): Promise<CommandResult> {
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...await headOf(domain, caller, op, input, meta, { user_id: member }), kind: 'join.decide', conversation: input.conversation_id, member, accept: op === 'requests.approve',
  }, meta.lane);
}

/** @throws ProtocolError not_found */
export async function withdrawRequest(domain: Domain, caller: AppCaller, input: OperationInput<'requests.withdraw'>, meta: CommandMeta): Promise<CommandResult> {
  return submit(domain, { ...await headOf(domain, caller, 'requests.withdraw', input, meta), kind: 'join.withdraw', conversation: input.conversation_id }, meta.lane);
}

/** @throws ProtocolError forbidden, not_found */
export async function listOwnRequests(domain: Domain, caller: AppCaller, input: OperationInput<'requests.mine'>): Promise<OperationOutput<'requests.mine'>> {
  const page = await entryPage(domain, caller.app, await resolveOwner(domain, caller, input.user_id), 'asked', input);
  return { ...page, items: page.items.map((row) => ({ conversation_id: row.key, ...parseStored(row.value) as OwnRequest })) };
}

/** More links than a conversation has. */
const ALL = 1_000;

/** What only who was given it can know: the link's id with a keyed hash of it. It stands nowhere. */
function codeOf(domain: Domain, app: string, linkId: string): string {
  return `${linkId}-${domain.keyring.requestHash(`join-link ${app} ${linkId}`)}`;
}

/** @throws ProtocolError not_found for any code that was not made here for this app */
function placeOfCode(domain: Domain, app: string, code: string): { readonly stream: string; readonly seq: number } {
  const id = code.slice(0, code.indexOf('-'));
  const place = parsePlaceId('link', 'conversation', id);
  const [given, real] = [Buffer.from(code), Buffer.from(codeOf(domain, app, id))];
  if (!place || given.length !== real.length || !timingSafeEqual(given, real)) throw noLink();
  return place;
}

function placeOfLink(id: string): { readonly stream: string; readonly seq: number } {
  const place = parsePlaceId('link', 'conversation', id);
  if (!place) throw new ProtocolError('not_found', 'There is no such link.');
  return place;
}
