import { Icon, IconButton } from '../parts/icon.js';

export interface SearchFieldProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

export function SearchField({ query, onQuery }: SearchFieldProps) {
  return (
    <div className="search-field" role="search">
      <Icon name="search" />
      <input id="search" type="text" aria-label="Search people, conversations and messages" placeholder="Search" value={query} maxLength={200} dir="auto" autoComplete="off" aria-keyshortcuts="Control+K"
        onChange={({ target }) => onQuery(target.value)} onKeyDown={(event) => {
          if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('.sidebar .scroller a')?.focus();
          else if (event.key === 'Escape' && query !== '') onQuery('');
          else return;
          event.preventDefault();
        }} />
      {query !== '' && <IconButton icon="close" label="Clear the search" onClick={() => onQuery('')} />}
    </div>
  );
}
