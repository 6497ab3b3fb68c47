/** One conversation, as its screen shows it in the head. */
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import { Cell, sameFields, type View } from './cell.js';
import type { Own } from './own.js';
import type { ConversationView } from './row.js';
import { Rows } from './rows.js';

export interface ConversationState {
  /** As HTTP shows it, with the membership and what is unread; undefined until it is known. */
  readonly conversation: ConversationView | undefined;
  readonly loading: boolean;
  readonly error: TalariaError | undefined;
}

export class ConversationRow implements View<ConversationState> {
  readonly get: () => ConversationState;
  readonly subscribe: View<ConversationState>['subscribe'];
  private readonly cell: Cell<ConversationState>;
  private readonly rows: Rows;
  private error: TalariaError | undefined;
  private closed = false;

  constructor(core: Core, own: Own, id: string, private readonly ended: () => void) {
    this.cell = new Cell((before) => {
      const conversation = this.rows.get(id);
      return sameFields(before, { conversation, loading: !conversation && !this.error, error: this.error });
    });
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.rows = new Rows(core, own, {
      changed: (_, row) => {
        if (row) this.error = undefined;
        this.cell.changed();
      },
      moved: () => undefined,
      met: (met) => {
        if (met === id) this.rows.read(id);
      },
      unknown: () => undefined,
      lost: () => this.rows.read(id),
      failed: (error) => {
        this.error = error;
        this.cell.changed();
      },
    });
    this.rows.read(id);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.rows.close();
    this.ended();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
