/** The page's elements, and nothing of Talaria. */

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found as T;
}

const parts = ['login', 'room', 'idle', 'ringing', 'in-call'] as const;

function show(...ids: readonly (typeof parts)[number][]): void {
  for (const id of parts) element(id).hidden = !ids.includes(id);
}

/** Runs on the next submit of a form or click of a button, and not on those of a call before. */
function on(id: string, type: 'click' | 'submit', run: () => void): void {
  const target = element(id);
  target[`on${type}`] = (event: Event) => {
    event.preventDefault();
    run();
  };
}

/** Asks who one is, unless the address says so. @param begin refuses with a sentence for the user */
export function ask(begin: (name: string, other: string) => Promise<void>): void {
  const [name, other] = [element<HTMLInputElement>('name'), element<HTMLInputElement>('with')];
  const given = new URLSearchParams(location.search);
  name.value = given.get('name') ?? '';
  other.value = given.get('with') ?? '';
  const go = (): void => void begin(name.value, other.value).catch((error: unknown) => {
    element('login-note').textContent = error instanceof Error ? error.message : String(error);
  });
  show('login');
  on('login', 'submit', go);
  if (given.has('name') && given.has('with')) go();
}

export const screen = {
  ready(name: string, other: string): void {
    document.title = `${name} – data channel call`;
    element('me').textContent = name;
    element('call').textContent = `Call ${other}`;
    for (const one of document.querySelectorAll('.other')) one.textContent = other;
    show('room', 'idle');
  },
  status(state: string): void {
    element('status').textContent = state;
    element('status').dataset['state'] = state;
  },
  onCall(run: () => void): void {
    on('call', 'click', run);
  },
  ringing(accept: () => void, decline: () => void): void {
    screen.note('');
    show('room', 'ringing');
    on('accept', 'click', accept);
    on('decline', 'click', decline);
  },
  quiet(note: string): void {
    if (note === '') return;
    show('room', 'idle');
    screen.note(note);
  },
  call(title: string): void {
    show('room', 'in-call');
    screen.note('');
    element('title').textContent = title;
  },
  onHangUp(run: () => void): void {
    element('lines').replaceChildren();
    screen.shut();
    on('hang-up', 'click', run);
  },
  /** The data channel is open. */
  open(send: (text: string) => void): void {
    const text = element<HTMLInputElement>('text');
    element('channel').textContent = 'Connected page to page';
    element('channel').dataset['state'] = 'open';
    element<HTMLFieldSetElement>('write-fields').disabled = false;
    text.focus();
    on('write', 'submit', () => {
      if (text.value !== '') send(text.value);
      text.value = '';
    });
  },
  shut(): void {
    element('channel').textContent = 'Not connected yet';
    element('channel').dataset['state'] = 'shut';
    element<HTMLFieldSetElement>('write-fields').disabled = true;
  },
  line(who: string, text: string): void {
    const line = document.createElement('li');
    line.className = who === 'you' ? 'own' : 'theirs';
    line.textContent = text;
    line.title = who;
    element('lines').append(line);
    line.scrollIntoView({ block: 'nearest' });
  },
  over(note: string): void {
    show('room', 'idle');
    screen.note(note);
  },
  note(text: string): void {
    element('note').textContent = text;
  },
};
