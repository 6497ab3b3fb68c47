import type { Verdict } from './verdict.js';

const LISTED_MAX = 10;

/** The verdict in words: up to ten violations, then, last, the line that scripts read. */
export function reportLines(verdict: Verdict): string[] {
  const listed = verdict.violations.slice(0, LISTED_MAX).map(({ rule, text }) => `${rule} ${text}`);
  const more = verdict.violations_total - listed.length;
  return [...listed, ...(more > 0 ? [`and ${more} more`] : []), verdictLine(verdict)].map(printable);
}

/** The last line of a report. */
export function verdictLine(verdict: Verdict): string {
  const first = verdict.violations[0];
  if (first !== undefined) return printable(`verdict: FAILED ${first.rule} ${first.text}`);
  if (verdict.verdict === 'unknown') return printable(`verdict: unknown (${verdict.why ?? 'no reason given'})`);
  const { sent, seen, lost, repeated, reordered } = verdict;
  return `verdict: ${sent} sent, ${seen} seen, ${lost} lost, ${repeated} repeated, ${reordered} reordered`;
}

/** An Idempotency-Key may hold any text (SND2): control characters must not reach a terminal, or end a line. */
export function printable(line: string): string {
  return line.replace(/\p{Cc}|[\u2028\u2029]/gu, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
