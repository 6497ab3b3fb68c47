/** What the user is writing in a conversation or a thread, on all of their devices. */
import type { Core } from '../core.js';
import type { TalariaError } from '../errors.js';
import type { DraftState } from '../state/index.js';
import { Cell, sameFields, type View } from './cell.js';
import type { Own } from './own.js';

export interface DraftView {
  /** As the user has written it here, or on the device on which they wrote last. */
  readonly text: string;
  readonly data: DraftState['data'];
  /** Written here, and not kept yet. */
  readonly saving: boolean;
  readonly error: TalariaError | undefined;
}

export interface Draft extends View<DraftView> {
  /** At each key stroke: it is kept when the user pauses, and when the view is closed. */
  set(text: string, data?: DraftState['data']): void;
  /** There is nothing to write on: it was sent, or thrown away. */
  clear(): void;
}

/** How long a pause is. Each is a command. */
const PAUSE_MS = 1_000;

export class ConversationDraft implements Draft {
  readonly get: () => DraftView;
  readonly subscribe: View<DraftView>['subscribe'];
  private readonly cell: Cell<DraftView>;
  /** What was written here and is not kept yet. */
  private written: Pick<DraftView, 'text' | 'data'> | undefined;
  private error: TalariaError | undefined;
  private saving = false;
  private cancel: () => void = () => undefined;
  private readonly stop: () => void;
  private closed = false;

  constructor(private readonly core: Core, private readonly own: Own, private readonly conversationId: string, private readonly threadId: string | undefined, private readonly ended: () => void) {
    this.cell = new Cell((before) => {
      const { text, data } = this.written ?? this.kept();
      return sameFields(before, { text, data, saving: this.written !== undefined, error: this.error });
    });
    this.get = this.cell.get;
    this.subscribe = this.cell.subscribe;
    this.stop = own.events.on('drafts', () => this.cell.changed());
    own.wantDrafts();
  }

  set(text: string, data: DraftState['data'] = EMPTY.data): void {
    this.written = { text, data };
    this.cancel();
    if (this.closed) void this.save();
    else this.cancel = this.core.runtime.after(PAUSE_MS, () => void this.save());
    this.cell.changed();
  }

  clear(): void {
    this.set('');
    this.cancel();
    void this.save();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cancel();
    this.stop();
    void this.save();
    this.ended();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private kept(): Pick<DraftView, 'text' | 'data'> {
    return this.own.drafts.get(this.threadId ?? this.conversationId) ?? EMPTY;
  }

  /** One at a time: the last that was written is the last that is kept. */
  private async save(): Promise<void> {
    const { written } = this;
    if (!written || this.saving) return;
    const { text, data } = this.kept();
    this.saving = true;
    try {
      if (text !== written.text || JSON.stringify(data) !== JSON.stringify(written.data)) {
        await this.core.command('drafts.set', { conversation_id: this.conversationId, thread_id: this.threadId, text: written.text, data: written.data });
      }
      // Until its fact comes.
      this.own.putDraft(this.threadId ?? this.conversationId, { ...written, time_ms: this.core.now() });
      this.error = undefined;
    } catch (error) {
      // One that is not there cannot be cleared.
      this.error = (error as TalariaError).code === 'conflict' ? undefined : error as TalariaError;
    }
    this.saving = false;
    if (this.written === written) this.written = undefined;
    else await this.save();
    this.cell.changed();
  }
}

const EMPTY: Pick<DraftView, 'text' | 'data'> = { text: '', data: {} };
