import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAction } from './api/use-action.js';
import { entryAt, installation, ofApp, shown } from './navigation.js';
import { BASE, href, matchPath } from './router/match.js';
import { useRouter } from './router/router.js';
import { screenAt } from './screens/routes.js';
import { useOperator, useSession } from './session/session.js';
import { Mark } from './ui/mark.js';
import { Empty, RefusalNote } from './ui/notes.js';
import { Screen } from './ui/screen.js';
import { chooseTheme, chosenTheme, themes } from './ui/theme.js';

/** What is around every screen: the menu, and who is signed in. */
export function Frame(): JSX.Element {
  const { place } = useRouter();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    setOpen(false);
    // Who moves by keyboard, or hears the page, begins at the new screen.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [place.path]);
  return (
    <div class={open ? 'frame open' : 'frame'}>
      <a class="skip" href="#main">Skip to the screen</a>
      <header class="top">
        <button type="button" class="button menu" aria-expanded={open} aria-controls="side" onClick={() => setOpen(!open)}>Menu</button>
        <a class="brand" href={href('/')}><Mark /> Talaria</a>
        <Who />
      </header>
      <Side path={place.path} />
      <main id="main" ref={main} tabIndex={-1} key={place.path}>{screenAt(place.path) ?? <NoScreen />}</main>
    </div>
  );
}

function Side({ path }: { readonly path: string }): JSX.Element {
  const { may } = useOperator();
  const app = /^\/apps\/([^/]+)/.exec(path)?.[1];
  const id = app === undefined ? undefined : matchPath('/apps/:app', `/apps/${app}`)?.['app'];
  const groups = shown([...installation, ...(id === undefined ? [] : [ofApp(id)])], may);
  const current = entryAt(groups, BASE + path);
  return (
    <nav class="side" id="side" aria-label="Screens">
      {groups.map(({ text, entries }) => (
        <section key={text}>
          <h2>{text}</h2>
          <ul>{entries.map((entry) => <li key={entry.href}><a href={entry.href} aria-current={entry.href === current ? 'page' : undefined}>{entry.text}</a></li>)}</ul>
        </section>
      ))}
    </nav>
  );
}

function Who(): JSX.Element {
  const { signOut } = useSession();
  const { signedIn: { operator } } = useOperator();
  const { run, busy, refusal } = useAction(signOut);
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div class="who">
      <label class="theme"><span class="hidden">Colours</span>
        <select value={theme} onChange={(event) => {
          const chosen = themes.find((one) => one === event.currentTarget.value) ?? 'system';
          chooseTheme(chosen);
          setTheme(chosen);
        }}>
          {themes.map((one) => <option key={one} value={one} selected={one === theme}>{one === 'system' ? 'As the system' : one === 'light' ? 'Light' : 'Dark'}</option>)}
        </select>
      </label>
      <a href={href('/account')} class="name" title={`${operator.login ?? ''}, ${operator.role}`}>{operator.name || operator.login}</a>
      <button type="button" class="button" disabled={busy} onClick={() => void run()}>Sign out</button>
      {refusal && <RefusalNote refusal={refusal} />}
    </div>
  );
}

function NoScreen(): JSX.Element {
  return <Screen title="No such screen"><Empty title="There is nothing at this address."><a href={href('/')}>Go to the overview</a></Empty></Screen>;
}
