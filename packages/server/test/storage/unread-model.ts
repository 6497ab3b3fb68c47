/** CNT2 in the plainest way: walks the messages and counts. Knows nothing of ordinals. */
export interface UnreadModel {
  readonly messages: { readonly seq: number; readonly sender: string | null; readonly countable: boolean; deleted: boolean }[];
  readonly members: Map<string, { active: boolean; joinedSeq: number; readSeq: number; unreadFrom: number | null }>;
}

/** What is unread for a member: countable messages of others behind the mark that are still there. */
export function modelUnread(model: UnreadModel, user: string): number {
  const member = model.members.get(user);
  if (!member?.active) return 0;
  const start = Math.min(Math.max(member.readSeq, member.joinedSeq), (member.unreadFrom ?? Number.MAX_SAFE_INTEGER) - 1);
  return model.messages.filter((message) => message.seq > start && message.countable && !message.deleted && message.sender !== user).length;
}

/** What is unread when one sees no further than the floor (VIS5). */
export function modelUnreadAbove(model: UnreadModel, user: string, floorSeq: number): number {
  return modelUnread({ ...model, messages: model.messages.filter((message) => message.seq > floorSeq) }, user);
}
