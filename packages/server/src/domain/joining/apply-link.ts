import { limits, ProtocolError } from '@talaria/protocol';
import type { CreateLink, JoinByLink, Place, RevokeLink } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { roleToGive } from '../conversations/apply-members.js';
import { authorise } from '../conversations/authorise.js';
import { joinedPlace } from '../conversations/join.js';
import { admitMember } from './admit.js';
import { isOver } from './apply-invitation.js';
import { askToJoin, requireNewcomer } from './apply-request.js';
import { countUse, isUsedUp, linkPlace, parseLink, type JoinLink } from './join-link.js';

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
  work.putEntry({ ...linkPlace(command.app, conversation.id, event.seq), seq: event.seq, value: JSON.stringify(link), dueMs: null });
  return event;
}

export function applyRevokeLink(work: UnitOfWork, command: RevokeLink): EventRow {
  authorise(work, command, command.conversation, 'conversation.invite');
  const place = linkPlace(command.app, command.conversation, command.linkSeq);
  if (!work.entry(place)) throw new ProtocolError('not_found', 'There is no such link.');
  const event = work.append(command, { stream: command.conversation, type: 'link.revoked', payload: JSON.stringify({ link_seq: command.linkSeq }) });
  work.removeEntry(place);
  return event;
}

/** Joins by a link whose code has been checked. A link that is used up or over is told like one that never was; who is in is in whatever has become of it. */
export function applyJoinByLink(work: UnitOfWork, command: JoinByLink): EventRow | Place {
  const user = requireNewcomer(work, command);
  const conversation = work.conversation(command.app, command.conversation);
  const known = conversation && work.member(command.app, conversation.id, user);
  if (known?.active) return joinedPlace(known);
  const entry = conversation && work.entry(linkPlace(command.app, conversation.id, command.linkSeq));
  if (!conversation || !entry || !isUsable(parseLink(entry), work.now())) throw noLink();
  const { approval, role } = parseLink(entry);
  // Where somebody decides, whoever is let in counts, and not who asks.
  if (approval) return askToJoin(work, command, conversation, user, { text: '', role, link_seq: command.linkSeq });
  countUse(work, entry);
  return admitMember(work, command, conversation, user, role, { link_seq: command.linkSeq });
}

export const noLink = (): ProtocolError => new ProtocolError('not_found', 'There is no such link, or it is over.', { field: 'code' });

export function isUsable(link: JoinLink, nowMs: number): boolean {
  return !isOver(link, nowMs) && !isUsedUp(link);
}
