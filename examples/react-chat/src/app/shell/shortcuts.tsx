import { Dialog } from '../parts/dialog.js';

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['Ctrl', 'K'], 'Search'],
  [['Alt', '↑'], 'Previous conversation'],
  [['Alt', '↓'], 'Next conversation'],
  [['↑', '↓'], 'Move in the list, and from message to message'],
  [['Enter'], 'Send; open what is chosen'],
  [['Shift', 'Enter'], 'New line'],
  [['↑'], 'In an empty field: edit your last message'],
  [['@'], 'Mention somebody'],
  [['R'], 'On a message: quote it'],
  [['T'], 'On a message: reply in a thread'],
  [['E'], 'On a message: react'],
  [['O'], 'On a message: go to what it quotes'],
  [['Enter'], 'On a message of yours: edit it'],
  [['Esc'], 'Close, cancel, go back'],
  [['?'], 'This list'],
];

export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{what}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
