/** Who is connected: soft state, of nobody's truth. */

export const presenceStates = ['online', 'away', 'offline'] as const;
/** A user is away when they have turned away from every device that is connected. */
export type PresenceState = (typeof presenceStates)[number];

export interface UserPresence {
  readonly state: PresenceState;
  readonly devices: number;
}

/** Is told what may have changed, at once; `of` says what it has come to. */
export interface PresenceListener {
  changed(app: string, user: string): void;
  /** Of many users at once: a node has gone, or has said everything anew. */
  changedMany(): void;
}

/** What a node knows of all nodes. */
export interface Presence {
  /** A socket of the user has opened on this node. @param device as `deviceOf` makes it */
  opened(app: string, user: string, device: number, away: boolean): void;
  /** The user has turned away from the device of an open socket, or to it. @param away what it is from now on, and was not before */
  turned(app: string, user: string, device: number, away: boolean): void;
  /** @param away as it was last */
  closed(app: string, user: string, device: number, away: boolean): void;
  of(app: string, user: string): UserPresence;
  /** @returns how to stop listening */
  listen(listener: PresenceListener): () => void;
}

/** @returns 32 bits that tell a user's devices apart; FNV-1a */
export function deviceOf(id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}

/** A device and whether the user is away from it, in one number: the 33rd bit says so. Nodes that do not know it count devices right. */
const AWAY = 2 ** 32;

export const markOf = (device: number, away: boolean): number => (away ? device + AWAY : device);

/**
 * What sockets come to, or what nodes tell: each device once, and away only when it is so everywhere. Those that are not away stand first.
 *
 * @param devices_max how many
 */
export function mergeMarks(marks: readonly number[], devices_max: number): readonly number[] {
  const [only] = marks;
  if (only !== undefined && marks.length === 1) return marks;
  const present = new Set<number>();
  for (const mark of marks) if (mark < AWAY) present.add(mark);
  const away = new Set<number>();
  for (const mark of marks) if (mark >= AWAY && !present.has(mark - AWAY)) away.add(mark);
  return [...present, ...away].slice(0, devices_max);
}

/** @param lists of each node on which the user is connected: the marks of their devices */
export function presenceOf(lists: readonly (readonly number[])[]): UserPresence {
  if (lists.length === 0) return { state: 'offline', devices: 0 };
  const marks = mergeMarks(lists.length === 1 ? lists[0]! : lists.flat(), Number.POSITIVE_INFINITY);
  const [first] = marks;
  return { state: first !== undefined && first >= AWAY ? 'away' : 'online', devices: marks.length };
}
