/** Who is connected: soft state, of nobody's truth. Away, privacy and subscriptions can stand on these functions. */
export interface UserPresence {
  readonly online: boolean;
  /** How many; 0 also for a moment after the last socket has closed. */
  readonly devices: number;
}

/** What a node knows of all nodes. */
export interface Presence {
  /** A socket of the user has opened on this node. @param device as `deviceOf` makes it */
  opened(app: string, user: string, device: number): void;
  closed(app: string, user: string, device: number): void;
  of(app: string, user: string): UserPresence;
}

/** @returns 32 bits that tell a user's devices apart; FNV-1a */
export function deviceOf(id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}
