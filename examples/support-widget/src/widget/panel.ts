/** What the visitor sees, in a shadow tree that the page's CSS does not reach. Nothing of Talaria. */
import { element, onWritten } from '../shared/lines.js';
import { style } from './style.js';

export interface Panel {
  readonly list: HTMLOListElement;
  readonly isOpen: boolean;
  toggle(open: boolean): void;
  /** Whether there is a conversation to write into. */
  ready(is: boolean): void;
  status(text: string, state: string): void;
  /** Why it cannot begin. */
  trouble(text: string): void;
  unread(count: number): void;
}

export interface PanelActions {
  /** The panel was opened or closed. */
  readonly moved: (open: boolean) => void;
  readonly send: (text: string) => void;
  readonly retry: () => void;
}

const TAG = 'talaria-support';

/** @returns undefined where the page has one already */
export function createPanel(title: string, actions: PanelActions): Panel | undefined {
  if (document.querySelector(TAG)) return undefined;
  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: 'open' });
  // Not a style element, which the page's content security policy may forbid.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const bubble = element('button', 'bubble');
  bubble.type = 'button';
  bubble.setAttribute('aria-controls', 'panel');
  const badge = element('span', 'badge');
  badge.hidden = true;
  bubble.append(icon('M4 5.5h16v11H9.5L5.5 20v-3.5H4z'), badge);

  const panel = element('section', 'panel');
  panel.id = 'panel';
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-label', title);
  const head = element('header');
  const status = element('span', 'status');
  status.setAttribute('role', 'status');
  const close = element('button', 'close');
  close.type = 'button';
  close.setAttribute('aria-label', 'Close');
  close.append(icon('M6 6l12 12M18 6L6 18'));
  const names = element('div');
  names.append(element('h2', '', title), status);
  head.append(names, close);

  const list = element('ol', 'lines');
  list.setAttribute('aria-label', 'Messages');
  // By keys, too, one can scroll.
  list.tabIndex = 0;
  const log = element('div', 'log');
  log.setAttribute('role', 'log');
  log.append(list);
  const welcome = element('p', 'welcome', 'Hello! Ask us anything. You need no account, and you can come back later for the answer.');

  const trouble = element('p', 'trouble');
  trouble.setAttribute('role', 'alert');
  trouble.hidden = true;

  const form = element('form');
  const field = element('textarea');
  field.rows = 1;
  field.maxLength = 10_000;
  field.placeholder = 'Write a message';
  field.setAttribute('aria-label', 'Message');
  const submit = element('button', 'send');
  submit.setAttribute('aria-label', 'Send');
  submit.append(icon('M4 12l16-8-5 16-3.5-6z'));
  form.append(field, submit);
  panel.append(head, welcome, log, trouble, form);
  root.append(panel, bubble);

  let open = false;
  let unread = 0;

  function toggle(next: boolean): void {
    open = next;
    panel.hidden = !open;
    bubble.setAttribute('aria-expanded', String(open));
    name();
    actions.moved(open);
    if (open) {
      list.scrollTop = list.scrollHeight;
      field.focus({ preventScroll: true });
    }
  }

  function name(): void {
    bubble.setAttribute('aria-label', open ? 'Close the chat' : unread > 0 ? `Open the chat, ${unread} unread` : 'Open the chat');
    badge.hidden = unread === 0 || open;
    badge.textContent = unread > 99 ? '99+' : String(unread);
  }

  const shut = (): void => {
    toggle(false);
    bubble.focus();
  };
  bubble.addEventListener('click', () => toggle(!open));
  close.addEventListener('click', shut);
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') shut();
  });
  // What is typed here is no shortcut of the page.
  for (const type of ['keydown', 'keypress', 'keyup']) host.addEventListener(type, (event) => event.stopPropagation());
  onWritten(form, field, actions.send);
  // Beside the body: rules about what is in it, and what it is moved by, do not matter.
  document.documentElement.append(host);

  const made: Panel = {
    list, toggle,
    get isOpen() {
      return open;
    },
    ready(is) {
      field.disabled = submit.disabled = !is;
      if (is && open) field.focus({ preventScroll: true });
    },
    status(text, state) {
      if (status.textContent !== text) status.textContent = text;
      status.dataset['state'] = state;
    },
    trouble(text) {
      trouble.hidden = text === '';
      const again = element('button', 'action', 'Try again');
      again.type = 'button';
      again.addEventListener('click', actions.retry);
      trouble.replaceChildren(text, ' ', again);
    },
    unread(count) {
      unread = count;
      name();
    },
  };
  made.ready(false);
  panel.hidden = true;
  bubble.setAttribute('aria-expanded', 'false');
  name();
  return made;
}

function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
