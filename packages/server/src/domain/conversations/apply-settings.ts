import { ProtocolError, rankOf, RESERVED_ACTIONS, roles, type CustomRole, type CustomRoles } from '@talaria/protocol';
import type { SetSettings } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { refuseRank } from './apply-members.js';
import { allows, authorise, requireAction, type Authorised } from './authorise.js';
import { settingsOf, settingsView, type ConversationSettings } from './settings.js';

/** Appends `conversation.settings_set` with all settings as they are from now on. */
export function applySettings(work: UnitOfWork, command: SetSettings): EventRow {
  const authorised = authorise(work, command, command.conversation, 'conversation.read');
  const { conversation } = authorised;
  const { message_timer, ...others } = command.change;
  // Both sides of a direct conversation choose when messages disappear, and nothing else.
  if (message_timer !== undefined) requireAction(authorised, 'conversation.timer');
  if (Object.keys(others).length > 0) {
    if (conversation.kind === 'direct') throw new ProtocolError('conflict', 'A direct conversation has only a timer to choose.');
    requireAction(authorised, 'conversation.settings');
  }
  if (others.roles) checkRoles(authorised, others.roles);
  const merged = merge(settingsOf(conversation), command.change);
  conversation.settings = JSON.stringify(merged);
  const event = work.append(command, { stream: conversation.id, type: 'conversation.settings_set', payload: JSON.stringify(settingsView(merged)) });
  conversation.updatedMs = event.timeMs;
  work.changeConversation(conversation);
  return event;
}

/** What is at its default is left out, so that a conversation that has chosen nothing says nothing. */
function merge(before: ConversationSettings, change: SetSettings['change']): ConversationSettings {
  const all: Record<string, unknown> = { ...before, ...change, ...(change.message_timer?.after === 'read' && { read_timer_used: true }) };
  const entries = Object.entries(all).filter(([name, value]) => value !== null && value !== undefined && value !== false && value !== 0 && !(name === 'join' && value === 'invited') && !isEmpty(value));
  return Object.fromEntries(entries);
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/**
 * Nobody makes a role that is above their own or may what they may not, or changes one that they do not outrank: their own would let them
 * raise themselves. Only an owner may what an owner may.
 */
function checkRoles({ conversation, member }: Authorised, wanted: CustomRoles): void {
  for (const [name, role] of Object.entries(wanted)) {
    if (role.like === 'owner') throw new ProtocolError('invalid_argument', `The role ${name} cannot be like an owner: a conversation is handed over instead.`, { field: 'roles' });
    const reserved = role.may?.find((action) => RESERVED_ACTIONS.includes(action));
    if (reserved) throw new ProtocolError('invalid_argument', `${reserved} is for owners alone.`, { field: 'roles' });
  }
  if (!member) return;
  const before = settingsOf(conversation).roles ?? {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    const [was, is] = [before, wanted].map((all) => (Object.hasOwn(all, name) ? all[name] : undefined));
    if (textOf(was) === textOf(is)) continue;
    if (was) refuseRank(conversation, member, name);
    if (is) refuseMore({ conversation, member }, member.role, name, is);
  }
}

/** @throws ProtocolError forbidden */
function refuseMore(authorised: Authorised, own: string, name: string, role: CustomRole): void {
  const above = roles.indexOf(role.like) < roles.indexOf(rankOf(own, settingsOf(authorised.conversation).roles));
  if (above) throw new ProtocolError('forbidden', `The role ${own} may not make ${name} like ${role.like}, which is above it.`, { field: 'roles' });
  const more = role.may?.find((action) => !allows(authorised, action));
  if (more) throw new ProtocolError('forbidden', `The role ${own} may not let ${name} do ${more}: it may not itself.`, { field: 'roles' });
}

/** Two that say the same are written the same. */
function textOf(role: CustomRole | undefined): string | undefined {
  return role && JSON.stringify([role.like, [...role.may ?? []].sort(), [...role.may_not ?? []].sort()]);
}
