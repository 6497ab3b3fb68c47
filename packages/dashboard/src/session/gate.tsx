import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Mark } from '../ui/mark.js';

/** What stands before the dashboard: a card in the middle of the page. */
export function Gate({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Talaria`;
  }, [title]);
  return <main class="gate"><div class="brand"><Mark /> Talaria</div><div class="panel"><h1>{title}</h1>{children}</div></main>;
}
