/** What an earlier process of a probe has left in its history file. */
import { existsSync, readFileSync } from 'node:fs';

export interface Past {
  /** How often a process has begun with this file. */
  readonly runs: number;
  /** Commands without an answer. Some of them may never have reached the outbox. */
  readonly unanswered: readonly string[];
  /** By `walkKey`: the highest seq that an observer has passed in a stream. */
  readonly reached: ReadonlyMap<string, number>;
}

interface Line {
  readonly k: string;
  readonly client_id?: string;
  readonly observer?: string;
  readonly stream?: string;
  readonly seq?: number;
  readonly to_seq?: number;
  readonly after_seq?: number;
}

export const walkKey = (observer: string, stream: string): string => `${observer}\n${stream}`;

/** @param file which need not be there. A last line without its end is left out: the writer cuts it off, too */
export function readPast(file: string): Past {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const unanswered = new Set<string>();
  const reached = new Map<string, number>();
  let runs = 0;
  for (const words of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (words === '') continue;
    const line = JSON.parse(words) as Line;
    if (line.k === 'client') runs += 1;
    else if (line.k === 'invoke') unanswered.add(line.client_id!);
    else if (line.k === 'ack' || line.k === 'fail') unanswered.delete(line.client_id!);
    else if (line.k === 'observe' || line.k === 'fact' || line.k === 'range') {
      const key = walkKey(line.observer!, line.stream!);
      reached.set(key, Math.max(reached.get(key) ?? 0, line.to_seq ?? line.seq ?? line.after_seq ?? 0));
    }
  }
  return { runs, unanswered: [...unanswered], reached };
}
