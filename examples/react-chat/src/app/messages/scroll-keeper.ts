/**
 * Keeps what is on the screen where it is, whatever happens above and below it: older messages are loaded, the far end goes, somebody
 * reacts further up. At the end it stays at the end. Browsers have something of the kind (`overflow-anchor`), Safari has not, and none
 * of them keeps it at the very top; so it is done here, in each.
 */
export class ScrollKeeper {
  /** The first message that is to be seen, and where its upper edge was. */
  private anchor: { readonly key: string; readonly top: number } | undefined;
  private following = true;
  /** The end is wanted, and not loaded yet. */
  private awaiting = false;
  private readonly observer: ResizeObserver;

  /**
   * @param scroller what scrolls
   * @param list its messages, each with `data-key`, in their order
   * @param hasNewer whether the end of the list is not the end of the conversation
   */
  constructor(private readonly scroller: HTMLElement, private readonly list: HTMLElement, private readonly hasNewer: () => boolean) {
    this.observer = new ResizeObserver(() => this.restore());
    this.observer.observe(scroller);
    this.observer.observe(list);
  }

  /** Whether the newest message is on the screen, and the next one will be. */
  get atEnd(): boolean {
    return this.following;
  }

  /** The user has scrolled, or it was done here. */
  note(): void {
    if (this.awaiting && this.hasNewer()) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.following = !this.hasNewer() && scrollHeight - scrollTop - clientHeight <= SLACK_PX;
    const first = this.firstShown();
    this.anchor = first && { key: first.dataset['key']!, top: this.topOf(first) };
  }

  /** Something was rendered, or has another size. */
  restore(): void {
    if (this.following) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      if (!this.hasNewer()) this.awaiting = false;
      return;
    }
    const element = this.anchor && this.find(this.anchor.key);
    if (!element || !this.anchor) return;
    const moved = this.topOf(element) - this.anchor.top;
    if (Math.abs(moved) >= MOVED_PX) this.scroller.scrollTop += moved;
  }

  /** The end, now and when there is more. */
  toEnd(): void {
    this.following = true;
    this.awaiting = this.hasNewer();
    this.restore();
  }

  /** Another part of the conversation takes the place of this one. */
  release(): void {
    this.following = false;
    this.awaiting = false;
    this.anchor = undefined;
  }

  /** @param part of the height, above which it is to stand: 0 is the upper edge */
  show(element: HTMLElement, part: number): void {
    this.release();
    this.scroller.scrollTop += this.topOf(element) - this.scroller.clientHeight * part;
    this.note();
  }

  find(key: string): HTMLElement | undefined {
    return this.list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? undefined;
  }

  /** The seq of the last message that is wholly on the screen. */
  lastShownSeq(): number {
    const messages = this.messages();
    const end = this.scroller.clientHeight + SLACK_PX;
    const at = search(messages.length, (index) => this.topOf(messages[index]!) + messages[index]!.offsetHeight > end);
    for (const element of messages.slice(0, at).toReversed()) {
      const seq = Number(element.dataset['seq']);
      if (seq > 0) return seq;
    }
    return 0;
  }

  close(): void {
    this.observer.disconnect();
  }

  private firstShown(): HTMLElement | undefined {
    const messages = this.messages();
    return messages[search(messages.length, (index) => this.topOf(messages[index]!) + messages[index]!.offsetHeight > 0)];
  }

  private messages(): readonly HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('[data-key]')];
  }

  private topOf(element: HTMLElement): number {
    return element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }
}

/** So near to the end is at the end. */
const SLACK_PX = 24;
/** Less than that is how the browser rounds. */
const MOVED_PX = 0.5;

/** @returns the first index for which it holds; it holds for all behind it */
function search(length: number, holds: (index: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
