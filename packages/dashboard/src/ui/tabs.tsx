import type { JSX } from 'preact';
import { hrefWith } from '../router/match.js';
import { useRouter } from '../router/router.js';

export interface Tab {
  /** In the address. */
  readonly name: string;
  readonly text: string;
}

/** The parts of a screen as links: each has an address. What else the address says is of the part that is left. */
export function Tabs({ tabs, label }: { readonly tabs: readonly Tab[]; readonly label: string }): JSX.Element {
  const { place } = useRouter();
  const current = currentTab(tabs, place.query.get('tab'));
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, text }, at) => <a key={name} href={hrefWith({ path: place.path, query: new URLSearchParams() }, { tab: at === 0 ? null : name })} aria-current={name === current ? 'page' : undefined}>{text}</a>)}
    </nav>
  );
}

/** The one of the address, or the first. */
export function currentTab(tabs: readonly Tab[], name: string | null): string {
  return tabs.find((tab) => tab.name === name)?.name ?? tabs[0]?.name ?? '';
}
