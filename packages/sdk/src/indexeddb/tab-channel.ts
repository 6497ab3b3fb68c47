/** What the tabs of a store tell each other. All of it may be lost: the database is the truth. */
import { TalariaError } from '../errors.js';
import type { Answered } from '../outbox/entry.js';

export type Refused = Pick<TalariaError, 'code' | 'message' | 'remediation'>;

type Message =
  | { readonly kind: 'added' }
  | { readonly kind: 'settled'; readonly clientId: string; readonly answer: Answered }
  | { readonly kind: 'refused'; readonly clientId: string; readonly refused: Refused }
  | { readonly kind: 'ask' | 'awake'; readonly part: string }
  | { readonly kind: 'give_up'; readonly clientId: string }
  | { readonly kind: 'given_up'; readonly clientId: string; readonly given: boolean };

export interface TabHandlers {
  added(): void;
  settled(clientId: string, answer: Answered | TalariaError): void;
  /** @returns whether this tab has the part */
  asked(part: string): boolean;
  awake(part: string): void;
  /** @returns whether it could be; undefined when it is not this tab's to say */
  giveUp(clientId: string): Promise<boolean | undefined>;
}

/** So long the one who sends has for its answer. */
const ANSWER_MS = 2_000;

export class TabChannel {
  private readonly channel: BroadcastChannel;
  /** Who waits to hear whether a command was given up. */
  private readonly waiting = new Map<string, (given: boolean) => void>();
  private closed = false;

  constructor(name: string, private readonly handlers: TabHandlers) {
    this.channel = new BroadcastChannel(`talaria ${name}`);
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => this.receive(data);
  }

  added(): void {
    this.post({ kind: 'added' });
  }

  settled(clientId: string, answer: Answered | Refused): void {
    this.post('code' in answer ? { kind: 'refused', clientId, refused: answer } : { kind: 'settled', clientId, answer });
  }

  ask(part: string): void {
    this.post({ kind: 'ask', part });
  }

  /** Asks the tab that sends. @returns false also when it does not answer */
  giveUp(clientId: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(false), ANSWER_MS);
      const end = (given: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(clientId);
        resolve(given);
      };
      this.waiting.set(clientId, end);
      this.post({ kind: 'give_up', clientId });
    });
  }

  close(): void {
    this.closed = true;
    this.channel.close();
    for (const end of this.waiting.values()) end(false);
  }

  private post(message: Message): void {
    if (!this.closed) this.channel.postMessage(message);
  }

  private receive(message: Message): void {
    switch (message.kind) {
      case 'added': this.handlers.added(); return;
      case 'settled': this.handlers.settled(message.clientId, message.answer); return;
      case 'refused': {
        const { code, message: text, remediation } = message.refused;
        this.handlers.settled(message.clientId, new TalariaError(code, text, { remediation }));
        return;
      }
      case 'ask': if (this.handlers.asked(message.part)) this.post({ kind: 'awake', part: message.part }); return;
      case 'awake': this.handlers.awake(message.part); return;
      case 'give_up': void this.giveUpHere(message.clientId); return;
      case 'given_up': this.waiting.get(message.clientId)?.(message.given);
    }
  }

  private async giveUpHere(clientId: string): Promise<void> {
    const given = await this.handlers.giveUp(clientId).catch(() => false);
    if (given !== undefined) this.post({ kind: 'given_up', clientId, given });
  }
}
