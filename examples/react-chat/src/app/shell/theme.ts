/** Light, dark, or as the system has it. */
export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'react-chat theme';

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

/** Before the first paint, so that nothing flashes. */
export function applyTheme(theme = readTheme()): void {
  const { dataset } = document.documentElement;
  if (theme === 'auto') delete dataset['theme'];
  else dataset['theme'] = theme;
}

export function keepTheme(theme: Theme): void {
  if (theme === 'auto') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
}
