import type { TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { Section, Time } from '../parts/parts.tsx';

export function Events({ detail: { events } }: { detail: TeamDetail }): JSX.Element {
  return (
    <Section title="Events" empty={events.length === 0 && 'Nothing has happened yet.'}>
      <ol class="events">
        {events.toReversed().map(({ at, text }, index) => (
          <li key={`${at} ${events.length - index}`}>
            <span class="muted">
              <Time at={at} />
            </span>{' '}
            {text}
          </li>
        ))}
      </ol>
    </Section>
  );
}
