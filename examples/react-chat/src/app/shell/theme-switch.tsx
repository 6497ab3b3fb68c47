import { useState } from 'react';
import { IconButton } from '../parts/icon.js';
import { keepTheme, readTheme, type Theme } from './theme.js';

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const WORDS: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  return <IconButton icon="theme" label={`Colours: ${WORDS[theme]}`} onClick={() => {
    keepTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  }} />;
}
