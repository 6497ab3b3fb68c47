/**
 * Who may do what, as one table and one pure function. Commands evaluate it inside the transaction
 * that appends them (ISO4); reads evaluate it on the snapshot that they read (RES4).
 */
export const roles = ['owner', 'admin', 'moderator', 'member', 'reader'] as const;
export type Role = (typeof roles)[number];

interface Rule {
  /** The lowest role that may, in a group or a channel. */
  readonly from: Role;
  /** Whether the two sides of a direct conversation may. */
  readonly direct: boolean;
  /** What it lets one do, for the printed table. */
  readonly text: string;
}

const rule = (from: Role, direct: boolean, text: string): Rule => ({ from, direct, text });

/** The table. Roles stand in order, so that a rule names only the lowest one. */
export const permissionTable = {
  'conversation.read': rule('reader', true, 'Read messages, facts, members and marks.'),
  'conversation.update': rule('admin', false, 'Change name, avatar, data and history policy.'),
  'conversation.settings': rule('admin', false, 'Freeze, slow down, hold messages for approval, define roles, choose how one joins.'),
  'conversation.timer': rule('admin', true, 'Choose when messages disappear.'),
  'conversation.invite': rule('admin', false, 'Invite users and make links to join.'),
  'conversation.transfer': rule('owner', false, 'Hand the conversation over to another member.'),
  'member.add': rule('admin', false, 'Add users.'),
  'member.approve': rule('moderator', false, 'Let in or turn away who asked to join.'),
  'member.remove': rule('moderator', false, 'Remove members of a lower role.'),
  'member.leave': rule('reader', false, 'Leave.'),
  'member.update': rule('admin', false, 'Change the role of members of a lower role.'),
  'message.send': rule('member', true, 'Send messages.'),
  'thread.reply': rule('member', true, 'Reply in threads.'),
  'message.mention_all': rule('member', false, 'Mention everyone.'),
  'message.edit_own': rule('member', true, 'Edit own messages.'),
  'message.delete_own': rule('member', true, 'Delete own messages for everyone.'),
  'message.delete_any': rule('moderator', false, 'Delete messages of others for everyone.'),
  'message.pin': rule('moderator', true, 'Pin messages.'),
  'message.react': rule('reader', true, 'React to messages.'),
  'message.unlimited': rule('moderator', false, 'Write while the conversation is frozen, slowed down, or holds messages for approval.'),
  'message.approve': rule('moderator', false, 'Approve or reject messages that wait.'),
  'poll.create': rule('member', true, 'Ask in a poll.'),
  'poll.vote': rule('reader', true, 'Vote.'),
  'poll.close_any': rule('moderator', false, 'Close polls of others.'),
  'mark.set': rule('reader', true, 'Mark as delivered, read and unread.'),
  'signal.send': rule('member', true, 'Send signals, as typing.'),
  'call.start': rule('member', true, 'Start calls.'),
  'call.join': rule('reader', true, 'Answer, decline and leave calls.'),
  'call.end_any': rule('moderator', true, 'End calls of others.'),
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof permissionTable;
export const actions = Object.keys(permissionTable) as readonly Action[];

/** A role that a conversation defines: as another one, and more or less. */
export interface CustomRole {
  /** Ranks like this role, and may what it may. */
  readonly like: Role;
  readonly may?: readonly Action[];
  readonly may_not?: readonly Action[];
}

export type CustomRoles = Readonly<Record<string, CustomRole>>;

/** What a role may never be given: it would outrank itself. */
export const RESERVED_ACTIONS: readonly Action[] = ['conversation.transfer'];

/** Whether the name is one of Talaria's own roles. */
export function isRole(name: string): name is Role {
  return (roles as readonly string[]).includes(name);
}

/** The role that a name ranks like: itself, or what a custom role is like. Of a name that is not defined any more: reader. */
export function rankOf(name: string, custom?: CustomRoles): Role {
  if (isRole(name)) return name;
  return custom !== undefined && Object.hasOwn(custom, name) ? custom[name]!.like : 'reader';
}

/** Whether someone of one rank may give, take away or act upon another: only those below its own, and an owner every one. */
export function outranks(actor: Role, subject: Role): boolean {
  return actor === 'owner' || roles.indexOf(actor) < roles.indexOf(subject);
}

export type Principal =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'backend'; readonly scopes: readonly string[] };

export interface Membership {
  /** One of `roles`, or one that the conversation defines. */
  readonly role: string;
  /** False once the user has left or was removed. */
  readonly active: boolean;
}

export interface Place {
  readonly kind: 'direct' | 'group' | 'channel';
  readonly roles?: CustomRoles | undefined;
}

/**
 * @param principal who asks; a backend is limited by its key's scopes before it gets here
 * @param action what it wants to do
 * @param membership its membership of the conversation, undefined when there was none
 * @param place the conversation, with the roles that it defines
 */
export function may(principal: Principal, action: Action, membership: Membership | undefined, place: Place): boolean {
  if (principal.kind === 'backend') return true;
  if (!membership) return false;
  // ISO2: who was a member still reads the interval of that time.
  if (!membership.active) return action === 'conversation.read';
  const { from, direct } = permissionTable[action];
  if (place.kind === 'direct') return direct;
  const custom = isRole(membership.role) ? undefined : place.roles?.[membership.role];
  if (custom?.may_not?.includes(action)) return false;
  if (custom?.may?.includes(action)) return true;
  return roles.indexOf(rankOf(membership.role, place.roles)) <= roles.indexOf(from);
}
