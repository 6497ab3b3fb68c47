/** Offers messages at a rate, whatever becomes of them: nobody waits for an answer, and nobody tries again. */
import { createHistogram } from 'node:perf_hooks';
import { nowUs } from '../clock.js';
import type { BurstLink } from '../drivers/talaria-burst.js';
import { nextId } from '../ids.js';
import { stampedText } from '../subject.js';
import { pace } from './pace.js';
import { until } from './until.js';

export interface OpenLoopRate {
  readonly rate_per_s: number;
  /** They are spread over so many. */
  readonly rooms: number;
}

export interface OpenLoopCounts {
  readonly offered: number;
  readonly acked: number;
  readonly refused: number;
  /** Of the refused: those that the server says may come again. */
  readonly refused_retryable: number;
}

export interface OpenLoop {
  /** The number of its first message. */
  readonly first_id: number;
  counts(): OpenLoopCounts;
  /** The sum of the numbers that were acked, to compare with what others have seen. */
  ackedSum(): number;
  /** Percentiles of the time from when a message was due to its ack, since `forget`. */
  latencyMs(percent: number): number;
  forget(): void;
  /** Offers no more. @throws Error when a message stays without any answer */
  finish(): Promise<void>;
}

/** Unanswered messages at most: what the load program keeps. Above it, what is due is not offered. */
const UNANSWERED_MAX = 262_144;
/** A client sends so many in a row, so that a write carries more than one frame. */
const ROW = 8;
const FINISH_MS = 60_000;
const LATENCY_US_MAX = 600_000_000;

export function startOpenLoop(links: readonly BurstLink[], { rate_per_s, rooms }: OpenLoopRate): OpenLoop {
  const latency = createHistogram({ lowest: 1, highest: LATENCY_US_MAX, figures: 3 });
  // By number modulo the bound: whose place it is (0: nobody's), and since when it has been due.
  const waitingId = new Float64Array(UNANSWERED_MAX);
  const dueUs = new Float64Array(UNANSWERED_MAX);
  const counts = { offered: 0, acked: 0, refused: 0, refused_retryable: 0 };
  // Nobody reads the time in it, and to make one for each message would cost.
  const text = stampedText(nowUs());
  const firstId = nextId();
  let [id, ackedSum] = [firstId, 0];

  /** @returns since when the message has been due; undefined when it has been answered before */
  const answered = (one: number): number | undefined => {
    const place = one % UNANSWERED_MAX;
    if (waitingId[place] !== one) return undefined;
    waitingId[place] = 0;
    return dueUs[place];
  };
  for (const link of links) {
    link.acked = (one) => {
      const atUs = answered(one);
      if (atUs === undefined) return;
      counts.acked += 1;
      ackedSum += one;
      latency.record(Math.max(1, Math.round(nowUs() - atUs)));
    };
    link.refused = (one, retryable) => {
      if (answered(one) === undefined) return;
      counts.refused += 1;
      if (retryable) counts.refused_retryable += 1;
    };
  }

  const stop = pace(rate_per_s, (atUs) => {
    const place = id % UNANSWERED_MAX;
    if (waitingId[place] !== 0) return;
    waitingId[place] = id;
    dueUs[place] = atUs;
    counts.offered += 1;
    links[Math.floor(counts.offered / ROW) % links.length]!.send(id, counts.offered % rooms, text);
    id = nextId();
  });

  return {
    first_id: firstId,
    counts: () => ({ ...counts }),
    ackedSum: () => ackedSum,
    latencyMs: (percent) => latency.percentile(percent) / 1_000,
    forget: () => latency.reset(),
    async finish() {
      stop();
      const unanswered = (): number => counts.offered - counts.acked - counts.refused;
      if (!await until(() => unanswered() === 0, FINISH_MS)) throw new Error(`${unanswered()} of ${counts.offered} messages got no answer`);
    },
  };
}
