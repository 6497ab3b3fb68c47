/** Which client has seen which message. Messages are numbered from 1, in the order in which they are sent. */
export class Ledger {
  /** Messages seen, by all clients together; each counts once a client. */
  seen = 0;
  /** Messages that came to a client that had seen them. */
  repeated = 0;
  /** Messages that came to a client behind a later one. */
  disordered = 0;
  /** By client: the last message in order. */
  private readonly highest: Uint32Array;
  private readonly marks: Uint8Array;
  /** By message. */
  private readonly seenBy: Uint32Array;

  constructor(private readonly clients: number, private readonly messagesMax: number) {
    this.highest = new Uint32Array(clients);
    this.marks = new Uint8Array(clients * (messagesMax + 1));
    this.seenBy = new Uint32Array(messagesMax + 1);
  }

  note(client: number, number: number): void {
    if (!(number >= 1 && number <= this.messagesMax)) throw new Error(`there is no message ${number}`);
    const at = client * (this.messagesMax + 1) + number;
    if (this.marks[at] === 1) {
      this.repeated += 1;
      return;
    }
    this.marks[at] = 1;
    this.seen += 1;
    this.seenBy[number]! += 1;
    if (number > this.highest[client]!) this.highest[client] = number;
    else this.disordered += 1;
  }

  /** The last message in order that a client has seen. */
  last(client: number): number {
    return this.highest[client]!;
  }

  hasAll(client: number, from: number, to: number): boolean {
    if (from > to) return true;
    const at = client * (this.messagesMax + 1);
    return !this.marks.subarray(at + from, at + to + 1).includes(0);
  }

  /** How many of the messages up to this one are not with every client. */
  missed(to: number): number {
    return this.seenBy.subarray(1, to + 1).reduce((count, seenBy) => count + (seenBy < this.clients ? 1 : 0), 0);
  }
}
