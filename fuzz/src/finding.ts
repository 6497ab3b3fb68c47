/** An answer that must not happen. Whatever else an attack throws is a finding too. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** @throws Finding with this sentence where the condition does not hold */
export function hold(condition: boolean, sentence: () => string): void {
  if (!condition) throw new Finding(sentence());
}

/** What was thrown, for a person: a sentence of ours, or where in the product it came from. */
export function describe(error: unknown): string {
  if (error instanceof Finding) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
