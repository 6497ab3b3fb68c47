import { useEffect, useState } from 'preact/hooks';

const DARK = '(prefers-color-scheme: dark)';
const current = (): string => document.documentElement.dataset['theme'] ?? (matchMedia(DARK).matches ? 'dark' : 'light');

/** What a canvas is to be drawn in: it takes no colours from the style sheet by itself. */
export function useScheme(): string {
  const [scheme, setScheme] = useState(current);
  useEffect(() => {
    const changed = (): void => setScheme(current());
    const media = matchMedia(DARK);
    const observer = new MutationObserver(changed);
    media.addEventListener('change', changed);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', changed);
      observer.disconnect();
    };
  }, []);
  return scheme;
}
