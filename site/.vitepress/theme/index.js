// VitePress's own theme with the fonts of the reader's system.
import Theme from 'vitepress/theme-without-fonts';
import { sidebarOf } from '../../lib/sidebar.mjs';
import './style.css';

export default {
  extends: Theme,
  enhanceApp({ siteData }) {
    const { themeConfig } = siteData.value;
    themeConfig.sidebar = sidebarOf(themeConfig.menus);
  },
};
