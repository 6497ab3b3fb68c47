/** One line that says how far the run is: in place on a terminal, else a line now and then. */
export class Progress {
  private readonly startedMs = Date.now();
  private lastMs = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** @param important whether it is written also where lines stay */
  show(text: string, important = false): void {
    const line = `${`${Math.round((Date.now() - this.startedMs) / 1_000)} s`.padStart(6)}  ${text}`;
    if (this.out.isTTY) {
      this.out.write(`\r\u001B[2K${line.slice(0, this.out.columns - 1)}`);
      return;
    }
    if (!important && Date.now() - this.lastMs < EVERY_MS) return;
    this.lastMs = Date.now();
    this.out.write(`${line}\n`);
  }

  /** Takes the line away, so that what follows begins on a clean one. */
  end(): void {
    if (this.out.isTTY) this.out.write('\r\u001B[2K');
  }
}

const EVERY_MS = 10_000;
