import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './ui/theme.js';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/explorer.css';

applyTheme();
const root = document.querySelector('#app');
if (root) render(<App />, root);
