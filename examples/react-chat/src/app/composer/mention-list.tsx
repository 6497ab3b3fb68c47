import type { MentionState } from './use-mentions.js';
import { Avatar } from '../parts/avatar.js';

/** The focus stays in the field; the field says which choice is meant. */
export function MentionList({ mentions: { id, choices, active, choose } }: { readonly mentions: MentionState }) {
  return (
    <>
      <p className="unseen" role="status">{choices.length} {choices.length === 1 ? 'name' : 'names'}</p>
      <ul className="mention-list" id={id} role="listbox" aria-label="Mention">
        {choices.map((choice, at) => (
          // A press would take the focus away from the field.
          <li key={choice.id} id={`${id}${at}`} role="option" aria-selected={at === active} onPointerDown={(event) => {
            event.preventDefault();
            choose(choice);
          }}><Avatar name={choice.name} size="small" /><span dir="auto">{choice.name}</span></li>
        ))}
      </ul>
    </>
  );
}
