/**
 * Who may do what, as one table and one pure function. Commands evaluate it inside the transaction
 * that appends them (ISO4); reads evaluate it on the snapshot that they read (RES4).
 */
export const roles = ['owner', 'admin', 'moderator', 'member', 'reader'] as const;
export type Role = (typeof roles)[number];

export const actions = [
  'conversation.read', 'conversation.update', 'member.add', 'member.remove', 'member.leave', 'member.update',
  'message.send', 'message.edit_own', 'message.delete_own', 'message.delete_any', 'mark.set', 'signal.send',
] as const;
export type Action = (typeof actions)[number];

const reader: readonly Action[] = ['conversation.read', 'member.leave', 'mark.set'];
const member: readonly Action[] = [...reader, 'message.send', 'message.edit_own', 'message.delete_own', 'signal.send'];
const moderator: readonly Action[] = [...member, 'message.delete_any', 'member.remove'];
const admin: readonly Action[] = [...moderator, 'conversation.update', 'member.add', 'member.update'];

const allowed: Readonly<Record<Role, ReadonlySet<Action>>> = {
  owner: new Set(admin), admin: new Set(admin), moderator: new Set(moderator), member: new Set(member), reader: new Set(reader),
};

/** In a direct conversation both sides are equal, and nobody is added or removed. */
const direct: ReadonlySet<Action> = new Set([
  'conversation.read', 'mark.set', 'message.send', 'message.edit_own', 'message.delete_own', 'signal.send',
]);

/** Roles a role may give, take away or act upon: only those below its own, and an owner every one. */
export function outranks(actor: Role, subject: Role): boolean {
  return actor === 'owner' || roles.indexOf(actor) < roles.indexOf(subject);
}

export type Principal =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'backend'; readonly scopes: readonly string[] };

export interface Membership {
  readonly role: Role;
  /** False once the user has left or was removed. */
  readonly active: boolean;
}

export interface Place {
  readonly kind: 'direct' | 'group';
}

/**
 * @param principal who asks; a backend is limited by its key's scopes before it gets here
 * @param action what it wants to do
 * @param membership its membership of the conversation, undefined when there was none
 * @param place the conversation
 */
export function may(principal: Principal, action: Action, membership: Membership | undefined, place: Place): boolean {
  if (principal.kind === 'backend') return true;
  if (!membership) return false;
  // ISO2: who was a member still reads the interval of that time.
  if (!membership.active) return action === 'conversation.read';
  return place.kind === 'direct' ? direct.has(action) : allowed[membership.role].has(action);
}
