import type { App } from '@talaria/protocol/types';
import type { ComponentChildren, JSX } from 'preact';
import { useQuery, type Query } from '../api/use-query.js';
import { href } from '../router/match.js';
import { Screen, type Crumb } from '../ui/screen.js';

/** The app of a screen; it is known from the path. */
export function useApp(id: string): Query<App> {
  return useQuery('apps.get', { app_id: id });
}

export interface AppScreenProps {
  readonly app: string;
  readonly title: string;
  /** Between the app and this screen. */
  readonly crumbs?: readonly Crumb[];
  readonly badge?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly command?: string;
  readonly children: ComponentChildren;
}

/** A screen of an app: what is above it leads back to the app. */
export function AppScreen({ app, crumbs = [], children, ...screen }: AppScreenProps): JSX.Element {
  const { data } = useApp(app);
  return <Screen crumbs={[{ text: 'Apps', href: href('/apps') }, { text: data?.name ?? 'App', href: href(`/apps/${encodeURIComponent(app)}`) }, ...crumbs]} {...screen}>{children}</Screen>;
}
