/**
 * The list at the side of each page, by its address: that of its menu. VitePress takes one list for each address, and writes them into
 * every page; so the pages carry the menus, and the lists are made of them where they are shown.
 *
 * @param menus `{ text, groups: [{ text, pages: [{ to, title }] }] }`
 */
export function sidebarOf(menus) {
  return Object.fromEntries(menus.flatMap(({ groups }) => {
    const list = groups.map(({ text, pages }) => ({ text, items: pages.map(({ to, title }) => ({ text: title, link: `/${to}` })) }));
    return groups.flatMap(({ pages }) => pages.map(({ to }) => [`/${to}`, list]));
  }));
}
