/** The way of a message as rows of a table: each with its time from the first. */
import type { MessageTrace } from '@talaria/protocol/types';

export interface WayRow {
  readonly key: string;
  readonly what: string;
  readonly node: string;
  /** From the first step, in ms. */
  readonly afterMs: number;
  readonly tookMs: number | null;
  readonly connection: string | null;
  readonly user: string | null;
}

const WORDS: Readonly<Record<MessageTrace['steps'][number]['step'], string>> = {
  read: 'The command was read', committed: 'Committed', announced: 'Announced to the other nodes', acked: 'Acked to the sender', received: 'Came to the node', published: 'Written to all live followers',
};

/** Steps and writes together, in the order of their times. */
export function wayRows({ steps, writes }: Pick<MessageTrace, 'steps' | 'writes'>): readonly WayRow[] {
  const first = Math.min(...steps.map(({ at_ms }) => at_ms), ...writes.map(({ at_ms }) => at_ms));
  const rows = [
    ...steps.map(({ step, node, at_ms, took_ms }, at) => ({ key: `s${at}`, what: WORDS[step], node, afterMs: at_ms - first, tookMs: took_ms, connection: null, user: null })),
    ...writes.map(({ node, connection_id, user_id, how, at_ms }, at) => ({
      key: `w${at}`, what: how === 'live' ? 'Written to a connection' : 'Written while catching up', node, afterMs: at_ms - first, tookMs: null, connection: connection_id, user: user_id,
    })),
  ];
  return rows.toSorted((left, right) => left.afterMs - right.afterMs);
}

/** `0.42 ms`, `12.5 ms`, `1,250 ms`. */
export const ms = (value: number): string => `${value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })} ms`;
