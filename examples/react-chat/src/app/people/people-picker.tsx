import type { UserView } from '@talaria/sdk/views';
import { useId, useState } from 'react';
import { nameOf } from './names.js';
import { Avatar } from '../parts/avatar.js';
import { Icon } from '../parts/icon.js';
import { usePeopleSearch } from '../search/use-search.js';

export interface PeoplePickerProps {
  readonly chosen: readonly UserView[];
  readonly onChosen: (users: readonly UserView[]) => void;
  /** Who cannot be chosen: they are there already. */
  readonly except?: ReadonlySet<string>;
}

/** Finds people by name, and keeps who was chosen. */
export function PeoplePicker({ chosen, onChosen, except }: PeoplePickerProps) {
  const [query, setQuery] = useState('');
  const { people, done, error } = usePeopleSearch(query.trim());
  const id = useId();
  const ids = new Set(chosen.map((user) => user.id));
  const offered = people.filter((user) => !except?.has(user.id));
  const toggle = (user: UserView): void => onChosen(ids.has(user.id) ? chosen.filter(({ id }) => id !== user.id) : [...chosen, user]);
  return (
    <div className="picker">
      {chosen.length > 0 && (
        <ul className="chips" aria-label="Chosen">
          {chosen.map((user) => <li key={user.id}><button type="button" className="chip" onClick={() => toggle(user)} aria-label={`Take ${nameOf(user)} away`}>{nameOf(user)}<Icon name="close" /></button></li>)}
        </ul>
      )}
      <div className="field"><label htmlFor={id}>People</label><input id={id} value={query} placeholder="Search by name" maxLength={100} autoComplete="off" dir="auto" onChange={({ target }) => setQuery(target.value)} /></div>
      <p className="unseen" role="status">{done ? `${offered.length} found` : ''}</p>
      <ul className="picker-list" aria-label="Found">
        {offered.map((user) => (
          <li key={user.id}>
            <label className="picker-row"><input type="checkbox" checked={ids.has(user.id)} onChange={() => toggle(user)} /><Avatar name={nameOf(user)} size="small" /><span dir="auto">{nameOf(user)}</span></label>
          </li>
        ))}
      </ul>
      {done && offered.length === 0 && <p className="muted picker-note">{error ?? 'Nobody of that name shares a conversation with you.'}</p>}
      {query.trim() === '' && <p className="muted picker-note">Type the beginning of a name.</p>}
    </div>
  );
}
