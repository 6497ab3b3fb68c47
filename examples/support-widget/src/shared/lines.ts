/** The messages of a timeline as the items of a list. Everything that somebody wrote is text, and never markup. */
import type { Timeline, TimelineEntry } from '@talaria/sdk/views';

export interface LinesOptions {
  /** Whose lines stand at the right. */
  readonly viewer: string;
  /** What a screen reader says of the others. */
  readonly other: string;
}

interface Line {
  readonly item: HTMLLIElement;
  entry: TimelineEntry | undefined;
}

export function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = '', text = ''): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  if (text !== '') made.textContent = text;
  return made;
}

/** @param list is kept to the end, unless the reader has gone up @returns how to stop */
export function showTimeline(list: HTMLOListElement, timeline: Timeline, { viewer, other }: LinesOptions): () => void {
  const lines = new Map<string, Line>();

  const older = element('button', 'older', 'Earlier messages');
  older.type = 'button';
  older.addEventListener('click', () => {
    // What is read stays where it is on the screen.
    const fromEnd = list.scrollHeight - list.scrollTop;
    void timeline.loadOlder().then(() => {
      list.scrollTop = list.scrollHeight - fromEnd;
    });
  });
  const above = element('li', 'above');
  above.append(older);

  function fill(line: Line, entry: TimelineEntry): void {
    if (line.entry === entry) return;
    line.entry = entry;
    const { message, status } = entry;
    const own = message.sender_id === viewer || message.id === '';
    line.item.className = own ? 'own' : 'theirs';
    line.item.dataset['status'] = status;
    const text = message.deleted_ms === null ? message.text : 'This message was deleted.';
    line.item.replaceChildren(element('span', 'unseen', own ? 'You: ' : `${other}: `), element('span', 'text', text), below(entry));
  }

  function below(entry: TimelineEntry): HTMLElement {
    const note = element('span', 'note');
    switch (entry.status) {
      case 'sending': note.textContent = 'Sending …'; break;
      case 'held': note.textContent = 'Waits for approval'; break;
      case 'rejected': note.textContent = 'Not approved'; break;
      case 'sent': note.textContent = new Date(entry.message.created_ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }); break;
      case 'failed': note.append('Not sent. ', action('Send again', () => timeline.resend(entry)), ' ', action('Discard', () => void timeline.discard(entry)));
    }
    return note;
  }

  function show(): void {
    const { entries, hasOlder } = timeline.get();
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const wanted = entries.map((entry) => {
      const line = lines.get(entry.key) ?? { item: element('li'), entry: undefined };
      lines.set(entry.key, line);
      fill(line, entry);
      return line.item;
    });
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of lines.keys()) if (!keys.has(key)) lines.delete(key);
    const items = hasOlder ? [above, ...wanted] : wanted;
    // An item that stays is not moved: it would lose the focus, and be read out again.
    for (const child of [...list.children]) if (!items.includes(child as HTMLLIElement)) child.remove();
    items.forEach((item, index) => {
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  const stop = timeline.subscribe(show);
  show();
  return stop;
}

function action(text: string, run: () => void): HTMLButtonElement {
  const button = element('button', 'action', text);
  button.type = 'button';
  button.addEventListener('click', run);
  return button;
}

/** Enter sends, Shift and Enter makes a line. */
export function onWritten(form: HTMLFormElement, field: HTMLTextAreaElement, send: (text: string) => void): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === '') return;
    send(text);
    field.value = '';
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
