import type { Paged } from './port.js';

/** Cuts a list that was read one item too long. */
export function paged<T>(items: readonly T[], limit: number): Paged<T> {
  return { items: items.slice(0, limit), more: items.length > limit };
}
