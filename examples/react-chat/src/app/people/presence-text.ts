import { usePresence } from '@talaria/sdk/react';
import type { UserPresence } from '@talaria/sdk/live';
import { agoOf } from '../parts/time.js';

const NOBODY: readonly string[] = [];

export function usePresenceOf(userId: string | undefined): UserPresence | undefined {
  return usePresence(userId === undefined ? NOBODY : [userId]).get(userId ?? '');
}

/** @returns empty where it is not known, or not to be seen */
export function presenceText(presence: UserPresence | undefined, nowMs: number): string {
  switch (presence?.state) {
    case 'online': return 'online';
    case 'away': return 'away';
    case 'offline': return presence.lastSeenMs === undefined ? 'offline' : `last seen ${agoOf(presence.lastSeenMs, nowMs)}`;
    case undefined: return '';
  }
}
