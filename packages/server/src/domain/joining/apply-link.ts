import { limits, ProtocolError } from '@talaria/protocol';
import type { CreateLink, JoinByLink, RevokeLink } from '../../storage/command.js';
import type { ConversationRow, EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import type { EntryPlace } from '../../storage/entries.js';
import type { Place } from '../../storage/command.js';
import { roleToGive } from '../conversations/apply-members.js';
import { authorise } from '../conversations/authorise.js';
import { admitMember } from './admit.js';
import { isOver } from './apply-invitation.js';
import { askToJoin, requireNewcomer } from './apply-request.js';

export interface JoinLink {
  readonly role: string;
  readonly created_by: string | null;
  readonly created_ms: number;
  readonly expires_ms: number | null;
  readonly uses_max: number | null;
  readonly uses: number;
  readonly approval: boolean;
}

const SEQ_DIGITS = 16;
export const linkKey = (seq: number): string => seq.toString().padStart(SEQ_DIGITS, '0');
const placeOf = (app: string, conversation: string, linkSeq: number): EntryPlace => ({ app, stream: conversation, type: 'join_link', key: linkKey(linkSeq), targetSeq: 0 });
export const parseLink = (row: EntryRow): JoinLink => parseStored(row.value) as JoinLink;

/** Makes a link, which is named by its fact. The code is not in the log: it follows from the name and the installation's secret. */
export function applyCreateLink(work: UnitOfWork, command: CreateLink): EventRow {
  const { conversation, member } = authorise(work, command, command.conversation, 'conversation.invite');
  const role = roleToGive(conversation, member, command.role);
  if (work.entriesOfType(command.app, conversation.id, 'join_link', limits.join_links_max).length >= limits.join_links_max) {
    throw new ProtocolError('limit_reached', `A conversation has at most ${limits.join_links_max} links. Revoke one.`);
  }
  const { expiresMs, usesMax, approval } = command;
  const event = work.append(command, { stream: conversation.id, type: 'link.created', payload: JSON.stringify({ role, expires_ms: expiresMs, uses_max: usesMax, approval }) });
  const link: JoinLink = { role, created_by: command.user, created_ms: event.timeMs, expires_ms: expiresMs, uses_max: usesMax, uses: 0, approval };
  work.putEntry({ ...placeOf(command.app, conversation.id, event.seq), seq: event.seq, value: JSON.stringify(link), dueMs: null });
  return event;
}

export function applyRevokeLink(work: UnitOfWork, command: RevokeLink): EventRow {
  authorise(work, command, command.conversation, 'conversation.invite');
  const place = placeOf(command.app, command.conversation, command.linkSeq);
  if (!work.entry(place)) throw new ProtocolError('not_found', 'There is no such link.');
  const event = work.append(command, { stream: command.conversation, type: 'link.revoked', payload: JSON.stringify({ link_seq: command.linkSeq }) });
  work.removeEntry(place);
  return event;
}

/** Joins by a link whose code has been checked. A link that is used up or over is told like one that never was. */
export function applyJoinByLink(work: UnitOfWork, command: JoinByLink): EventRow | Place {
  const user = requireNewcomer(work, command);
  const conversation = work.conversation(command.app, command.conversation);
  const place = placeOf(command.app, command.conversation, command.linkSeq);
  const entry = conversation && work.entry(place);
  if (!conversation || !entry || !isUsable(parseLink(entry), work.now())) throw noLink();
  const known = work.member(command.app, conversation.id, user);
  if (known?.active) return { stream: conversation.id, seq: known.joinedSeq, timeMs: known.joinedMs, type: 'member.joined', targetSeq: null };
  const link = parseLink(entry);
  const event = link.approval ? askToJoin(work, command, conversation, user, { text: '', role: link.role }) : joinByLink(work, command, conversation, user, link);
  if (!link.approval) work.putEntry({ ...entry, value: JSON.stringify({ ...link, uses: link.uses + 1 }) });
  return event;
}

function joinByLink(work: UnitOfWork, command: JoinByLink, conversation: ConversationRow, user: string, link: JoinLink): EventRow | Place {
  return admitMember(work, command, conversation, user, link.role, { link_seq: command.linkSeq });
}

export const noLink = (): ProtocolError => new ProtocolError('not_found', 'There is no such link, or it is over.', { field: 'code' });

export function isUsable(link: JoinLink, nowMs: number): boolean {
  return !isOver(link, nowMs) && (link.uses_max === null || link.uses < link.uses_max);
}
