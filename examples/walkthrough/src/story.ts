/** What the walkthrough tells: a line for each thing that was seen. What was not seen ends it. */
import { TalariaError, type TalariaErrorCode } from '@talaria/sdk';

const COLUMNS = 80;

export class Story {
  /** Things that were seen. */
  steps = 0;
  /** Ids of the operations that were used and answered. */
  readonly operations = new Set<string>();

  /**
   * @param write takes a line without its end
   * @param colour whether lines may hold escapes for a terminal
   */
  constructor(private readonly write: (line: string) => void, private readonly colour: boolean) {}

  chapter(title: string): void {
    this.write(`\n${this.paint('1', title)}`);
  }

  /**
   * Tells a step.
   *
   * @param sentence what is to be seen
   * @param holds whether it is
   * @param found shown where it is not
   * @throws Error with the sentence
   */
  saw(sentence: string, holds: boolean, found?: unknown): void {
    if (!holds) throw new Error(`This was not seen: ${sentence}.${found === undefined ? '' : ` There was: ${JSON.stringify(found)}`}`);
    this.steps += 1;
    const line = `  ✓ ${sentence}`;
    if (line.length > COLUMNS) throw new Error(`This line is longer than ${COLUMNS} columns: ${sentence}`);
    this.write(`  ${this.paint('32', '✓')} ${sentence}`);
  }

  /** Tells that something is refused, with that code. @returns the refusal. @throws Error when it is not */
  async refused(sentence: string, code: TalariaErrorCode, asked: Promise<unknown>): Promise<TalariaError> {
    const outcome = await asked.then((answer) => ({ answer }), (error: unknown) => error);
    const refusal = outcome instanceof TalariaError ? outcome : undefined;
    this.saw(sentence, refusal?.code === code, refusal?.code ?? outcome);
    return refusal!;
  }

  end(seconds: number): void {
    this.write(`\n${this.steps} steps, ${this.operations.size} operations of the API, ${seconds.toFixed(1)} s`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
