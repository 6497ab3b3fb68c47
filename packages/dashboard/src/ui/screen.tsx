import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Command } from './command.js';

export interface Crumb {
  readonly text: string;
  readonly href: string;
}

export interface ScreenProps {
  readonly title: string;
  readonly crumbs?: readonly Crumb[] | undefined;
  /** Beside the title. */
  readonly badge?: ComponentChildren;
  /** What one can do, at the right. */
  readonly actions?: ComponentChildren;
  /** What would show the same by the command line. */
  readonly command?: string | undefined;
  readonly children: ComponentChildren;
}

export function Screen({ title, crumbs = [], badge, actions, command, children }: ScreenProps): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Talaria`;
  }, [title]);
  return (
    <>
      <header class="screen-head">
        {crumbs.length > 0 && <nav aria-label="Breadcrumb" class="crumbs">{crumbs.map(({ text, href }) => <span key={href}><a href={href}>{text}</a></span>)}</nav>}
        <div class="title"><h1>{title}</h1>{badge}<div class="actions">{actions}</div></div>
        {command !== undefined && <Command text={command} />}
      </header>
      {children}
    </>
  );
}

export function Panel({ title, actions, children }: { readonly title?: string; readonly actions?: ComponentChildren; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="panel">
      {(title !== undefined || actions !== undefined) && <header>{title !== undefined && <h2>{title}</h2>}<div class="actions">{actions}</div></header>}
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return <dl class="facts">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}
