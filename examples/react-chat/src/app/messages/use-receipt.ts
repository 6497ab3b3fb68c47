import { useReceipts } from '@talaria/sdk/react';
import { useMemo } from 'react';
import { useMe } from '../account/account-context.js';
import { useOpened } from '../conversation/conversation-context.js';

/** How far a message of one's own has got. */
export interface Receipt {
  readonly state: 'sent' | 'delivered' | 'read';
  readonly text: string;
}

/** @returns what became of a message, by its seq */
export function useReceipt(): (seq: number) => Receipt {
  const { id, kind, member_count: count } = useOpened();
  const me = useMe();
  const { marks } = useReceipts(id);
  return useMemo(() => {
    const others = [...marks.values()].filter(({ userId }) => userId !== me);
    const read = others.map(({ readSeq }) => readSeq).toSorted((one, other) => other - one);
    const delivered = others.map(({ deliveredSeq, readSeq }) => Math.max(deliveredSeq, readSeq)).toSorted((one, other) => other - one);
    const all = kind === 'direct' ? 1 : count - 1;
    return (seq) => {
      const readers = howMany(read, seq);
      if (all > 0 && readers >= all) return { state: 'read', text: kind === 'direct' ? 'Read' : 'Read by all' };
      const state = all > 0 && howMany(delivered, seq) >= all ? 'delivered' : 'sent';
      return { state, text: readers > 0 ? `Read by ${readers} of ${all}` : state === 'delivered' ? 'Delivered' : 'Sent' };
    };
  }, [marks, me, kind, count]);
}

/** @param descending seqs up to which each has got */
function howMany(descending: readonly number[], seq: number): number {
  const at = descending.findIndex((mark) => mark < seq);
  return at < 0 ? descending.length : at;
}
