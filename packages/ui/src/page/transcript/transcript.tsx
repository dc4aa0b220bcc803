import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count } from '../parts/format.ts';
import { Section } from '../parts/parts.tsx';
import { Item } from './transcript-item.tsx';
import { itemsOf, matches } from './transcript-items.ts';
import { useTranscript } from './use-transcript.ts';
import { VirtualList } from './virtual-list.tsx';

/** Height in pixels of an item that has not been drawn yet: one line. */
const ITEM_HEIGHT = 40;

/** An agent's conversation, followed while the team runs. */
export function Transcript({
  team,
  agent,
  isOver,
}: {
  team: string;
  agent: string;
  isOver: boolean;
}): JSX.Element {
  const { entries, dropped, isLoading, problem } = useTranscript(team, agent, isOver);
  const [search, setSearch] = useState('');
  const [isFollowing, setFollowing] = useState(false);
  const [, setOpened] = useState(0);
  const open = useRef(new Set<string>());
  const items = useMemo(() => itemsOf(entries), [entries]);
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return items.filter((item) => matches(item, wanted));
  }, [items, search]);
  // A person who scrolls up wants to read.
  useEffect(() => {
    const stop = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0) setFollowing(false);
    };
    addEventListener('wheel', stop, { passive: true });
    return () => removeEventListener('wheel', stop);
  }, []);
  const following = isLoading ? ', and there are more' : isOver ? '' : ', following';
  return (
    <Section title={`Transcript of ${agent}`}>
      {problem && (
        <p class="alert" role="alert">
          {problem}
        </p>
      )}
      <div class="filters">
        <label>
          <span class="hidden">Search the transcript</span>
          <input
            type="search"
            placeholder="Search the transcript"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={({ currentTarget }) => setFollowing(currentTarget.checked)}
          />{' '}
          Stay at the end
        </label>
      </div>
      <p class="muted" role="status">
        {isLoading && entries.length === 0
          ? 'Loading'
          : `${count(shown.length, 'entry', 'entries')}${following}`}
        {dropped > 0 && `; the first ${dropped.toLocaleString('en')} are not shown`}
      </p>
      <p class="muted">The agent can change its own transcript.</p>
      <VirtualList
        key={search}
        count={shown.length}
        estimate={ITEM_HEIGHT}
        kindOf={(index) => shown[index]?.entry.kind ?? ''}
        label="Entries"
        isFollowing={isFollowing}
        draw={(index) => {
          const item = shown[index];
          if (item === undefined) return null;
          const id = item.entry.toolUseId ?? `${dropped + index}`;
          return (
            <Item
              item={item}
              isOpen={open.current.has(id)}
              onToggle={(isOpen) => {
                if (open.current.has(id) === isOpen) return;
                if (isOpen) open.current.add(id);
                else open.current.delete(id);
                setOpened((changes) => changes + 1);
              }}
            />
          );
        }}
      />
    </Section>
  );
}
