/** What the run has shown: the checker's verdict, and what the demo itself can say beyond it. */
import { reportLines, verdictLine, type LoggedFact, type Verdict } from '@talaria/checker';
import type { ClientEnd } from './client/orders.js';
import type { AppStage } from './stage.js';
import type { Told } from './story.js';

/** All that there is to judge by. */
export interface Evidence {
  readonly file: Buffer;
  readonly fileName: string;
  readonly told: Told;
  readonly a: AppStage;
  readonly logA: readonly LoggedFact[];
  readonly logB: readonly LoggedFact[];
  readonly b: AppStage;
  readonly probes: Probes;
  readonly verdict: Verdict;
  readonly elapsedMs: number;
}

/** Attempts to read one app with the credentials of the other. */
export interface Probes {
  readonly made: number;
  readonly refused: number;
}

export interface Outcome {
  readonly verdict: 'ok' | 'failed' | 'unknown';
  /** The last is the verdict. */
  readonly lines: readonly string[];
}

export function outcomeOf(evidence: Evidence): Outcome {
  const problem = problems(evidence)[0];
  const why = evidence.verdict.verdict === 'ok' ? doubt(evidence.told) : undefined;
  const summary = summaryOf(evidence);
  const report = reportLines(evidence.verdict);
  if (evidence.verdict.verdict === 'failed') return { verdict: 'failed', lines: [...summary, ...report] };
  if (problem !== undefined) return { verdict: 'failed', lines: [...summary, `verdict: FAILED ${problem}`] };
  if (why !== undefined) return { verdict: 'unknown', lines: [...summary, `verdict: unknown (${why})`] };
  return { verdict: evidence.verdict.verdict, lines: [...summary, verdictLine(evidence.verdict)] };
}

/** A run in which nothing was at stake proves nothing. */
function doubt(told: Told): string | undefined {
  if (told.unackedAtKill === 0) return 'no command was unacked at the kill';
  if (told.duplicatesOfKill === 0) return 'no command that was unacked at the kill was answered as a duplicate';
  return undefined;
}

/** The text that a client got from one sender, as it came. */
export function receivedText(end: ClientEnd, sender: string): Buffer {
  return Buffer.from(end.received.filter((piece) => piece.sender === sender).map((piece) => piece.text).join(''));
}

function problems(evidence: Evidence): string[] {
  const { told, a, b, logA, logB, probes } = evidence;
  const found: string[] = [];
  for (const [name, end] of Object.entries(told.ends)) {
    if (end.problem !== undefined) found.push(`the client ${name} reports ${end.problem}`);
    if (end.foreign > 0) found.push(`${name} got ${end.foreign} facts with the other app's text`);
  }
  for (const [name, sender] of [['bob', 'alice'], ['alice', 'bob']] as const) {
    const at = firstDifference(evidence.file, receivedText(told.ends[name], a.actor(sender).id));
    if (at !== undefined) found.push(`what ${name} got from ${sender} is not the file: byte ${at} differs`);
  }
  const { lastFact, removedAtSeq } = told.ends.carol;
  if (removedAtSeq !== told.carolLeftSeq) found.push('carol was not told of her removal');
  if (lastFact?.seq !== told.carolLeftSeq) found.push(`carol's last fact is ${lastFact?.seq ?? 0}, and she was removed at ${told.carolLeftSeq}`);
  if (holds(logA, b.canary) || holds(logB, a.canary)) found.push('a text of one app is in the log of the other');
  if (!holds(logA, a.canary) || !holds(logB, b.canary)) found.push('the text of an app is not in its own log');
  if (probes.refused < probes.made) found.push(`${probes.made - probes.refused} of ${probes.made} attempts to read across apps were not refused`);
  return found;
}

function holds(log: readonly LoggedFact[], text: string): boolean {
  return log.some((fact) => JSON.stringify(fact.body).includes(text));
}

function firstDifference(file: Buffer, received: Buffer): number | undefined {
  if (file.equals(received)) return undefined;
  const at = file.findIndex((byte, index) => byte !== received[index]);
  return at === -1 ? file.length : at;
}

function summaryOf({ file, fileName, told, a, b, logA, probes, verdict, elapsedMs }: Evidence): string[] {
  const same = (['bob', 'alice'] as const).every((name) => file.equals(receivedText(told.ends[name], a.actor(name === 'bob' ? 'alice' : 'bob').id)));
  const after = logA.filter((fact) => fact.seq > told.carolLeftSeq).length;
  const { lastFact } = told.ends.carol;
  const rows: readonly (readonly [string, string])[] = [
    ['file', `${fileName}, ${file.length} bytes, from alice to bob and from bob to alice: ${same ? 'both got it byte for byte' : 'NOT the same bytes on both sides'}`],
    ['messages', `${verdict.sent} sent, ${verdict.seen} seen by four clients, in ${(elapsedMs / 1_000).toFixed(1)} s`],
    ['cuts', `${told.cuts} times, ${told.connectionsCut} connections`],
    ['kills', `${told.kills} with SIGKILL: ${told.unackedAtKill} commands unacked at the kill, ${told.committedAtKill} of them committed already`],
    ['duplicates', `${told.duplicates} commands sent again and answered as duplicates, ${told.duplicatesOfKill} of them unacked at the kill`],
    ['carol', `removed at seq ${told.carolLeftSeq}; her last fact is seq ${lastFact?.seq ?? 0}, ${lastFact?.type ?? 'none'}; ${after} facts followed without her`],
    ['apps', `alice is in ${a.name} and in ${b.name}: no text crossed, ${probes.refused} of ${probes.made} attempts to read across were refused`],
  ];
  return rows.map(([name, text]) => `${name.padEnd(11)}${text}`);
}
