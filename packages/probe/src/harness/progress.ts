/** One line that says how far the run is: in place on a terminal, else a line every few seconds. */
export class Progress {
  private readonly startedMs = Date.now();
  private lastMs = 0;
  private shown = '';

  /** @param every_ms where lines stay, one is written at most so often */
  constructor(private readonly out: NodeJS.WriteStream, private readonly every_ms = EVERY_MS) {}

  /** @param important it is written also where lines stay and one was written just now */
  show(text: string, important = false): void {
    const line = `${this.seconds()}  ${text}`;
    if (line === this.shown) return;
    if (this.out.isTTY) this.out.write(`\r\u001B[2K${line.slice(0, this.out.columns - 1)}`);
    else if (important || Date.now() - this.lastMs >= this.every_ms) this.print(line);
    else return;
    this.shown = line;
  }

  /** Takes the line away, so that what follows begins on a clean one. */
  end(): void {
    if (this.out.isTTY && this.shown !== '') this.out.write('\r\u001B[2K');
    this.shown = '';
  }

  get elapsedMs(): number {
    return Date.now() - this.startedMs;
  }

  private print(line: string): void {
    this.lastMs = Date.now();
    this.out.write(`${line}\n`);
  }

  private seconds(): string {
    return `${Math.round(this.elapsedMs / 1_000)} s`.padStart(4);
  }
}

const EVERY_MS = 3_000;
