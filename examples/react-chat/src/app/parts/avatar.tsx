import type { UserPresence } from '@talaria/sdk/live';

export interface AvatarProps {
  readonly name: string;
  readonly presence?: UserPresence['state'] | undefined;
  readonly size?: 'small' | 'large';
}

const HUES = 12;

/** The first letters of a name, which also chooses the colour. The name itself stands beside it. */
export function Avatar({ name, presence, size }: AvatarProps) {
  let hash = 0;
  for (const char of name) hash = (hash * 307 + char.codePointAt(0)!) % 65_519;
  return (
    <span className={`avatar ${size ?? ''}`} data-hue={hash % HUES} aria-hidden="true">
      {initials(name)}
      {presence !== undefined && presence !== 'offline' && <span className={`presence ${presence}`} />}
    </span>
  );
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first = '?', ...more] = words;
  return [first, ...more.slice(-1)].map((word) => [...word][0] ?? '').join('').toLocaleUpperCase();
}
