import type { JSX } from 'preact';
import { useNow } from '../connection/use-live.ts';
import { duration } from './format.ts';

/** How long ago something was. It alone is drawn again each second. */
export function Since({ at }: { at: string }): JSX.Element {
  return <>{duration(useNow() - Date.parse(at))}</>;
}
