import type { Message, TeamDetail } from '@agentteam/detail';
import { isFromPerson, markOf } from '@agentteam/detail/message-kind';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Markdown } from '../parts/markdown.tsx';
import { Badge, Section, Time } from '../parts/parts.tsx';

/** Messages that are drawn; a longer conversation shows its end. */
const MOST_SHOWN = 500;

/** The team's mail as a conversation. */
export function Mail({ detail: { messages, agents } }: { detail: TeamDetail }): JSX.Element {
  const [agent, setAgent] = useState('');
  const [isComplete, setComplete] = useState(false);
  const shown = messages.filter(
    ({ from, to, kind }) =>
      (isComplete || kind === 'message' || isFromPerson(kind)) &&
      (agent === '' || from === agent || to === agent),
  );
  const names = new Set(agents.map(({ name }) => name));
  const cut = shown.length - MOST_SHOWN;
  return (
    <Section title="Mail">
      <div class="filters">
        <label>
          Agent{' '}
          <select value={agent} onChange={({ currentTarget }) => setAgent(currentTarget.value)}>
            <option value="">all agents</option>
            {agents.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={isComplete}
            onChange={({ currentTarget }) => setComplete(currentTarget.checked)}
          />{' '}
          Idle notices, tasks and handshakes
        </label>
      </div>
      {shown.length === 0 && <p class="muted">There is no such mail yet.</p>}
      {cut > 0 && <p class="muted">{cut} earlier messages are not shown.</p>}
      <ol class="conversation">
        {shown
          .slice(-MOST_SHOWN)
          .map(({ from, to, at, kind, text, delivered, question }, index) => (
            <li key={`${at} ${from} ${to} ${index}`} class={sideOf(kind, from)}>
              <p class="mail-head">
                <strong>{from}</strong> to <strong>{to}</strong>{' '}
                <span class="muted">
                  <Time at={at} />
                </span>{' '}
                {kind !== 'message' && (
                  <Badge value={kind} tone={isFromPerson(kind) ? 'active' : 'quiet'} />
                )}
                {markOf({ kind, from }, names) === 'not an agent' && (
                  <Badge value="not an agent" tone="bad" />
                )}
                {!delivered && <Badge value="not read yet" />}
              </p>
              {question && (
                <p class="muted">
                  to {question.id}: <span class="quote">{question.text}</span>
                </p>
              )}
              <Markdown text={text} />
            </li>
          ))}
      </ol>
    </Section>
  );
}

function sideOf(kind: Message['kind'], from: string): string {
  if (isFromPerson(kind)) return 'of-person';
  return from === 'lead' ? 'of-lead' : '';
}
