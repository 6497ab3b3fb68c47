/** Lines above a prompt. */
import type { Message, Status } from '@talaria/sdk';
import { clearLine, cursorTo, moveCursor, type Interface } from 'node:readline';

export class Screen {
  constructor(private readonly out: NodeJS.WriteStream, private readonly prompt: Interface) {}

  message(sender: string, message: Message): void {
    const time = new Date(message.createdMs).toLocaleTimeString();
    this.line(`${time} ${sender}: ${message.deletedMs === undefined ? message.text : '(deleted)'}`);
  }

  status(status: Status): void {
    switch (status.state) {
      case 'connecting': this.note('connecting'); return;
      case 'connected': this.note('connected'); return;
      case 'reconnecting':
      case 'suspended': this.note(`connection lost (${status.reason}), trying again in ${(status.retryInMs / 1_000).toFixed(1)} s; what you write is kept`); return;
      case 'closed': if (status.error) this.note(status.error.message);
    }
  }

  note(text: string): void {
    this.line(`-- ${text}`);
  }

  /** What was typed is shown again as a message once it is one. */
  takeTyped(): void {
    if (!this.out.isTTY) return;
    moveCursor(this.out, 0, -1);
    clearLine(this.out, 0);
  }

  private line(text: string): void {
    if (this.out.isTTY) {
      cursorTo(this.out, 0);
      clearLine(this.out, 0);
    }
    this.out.write(`${text}\n`);
    if (this.out.isTTY) this.prompt.prompt(true);
  }
}
