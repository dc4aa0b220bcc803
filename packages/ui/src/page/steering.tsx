import type { SummaryDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { type Action, act, tell } from './api.ts';
import { Outcome, useRequest } from './request.tsx';

/** Buttons to pause, resume and stop a team that has not ended. */
export function Steering({ summary }: { summary: SummaryDetail }): JSX.Element | null {
  const { name, paused, endedAt, interrupted } = summary;
  const { isBusy, result, run } = useRequest();
  const [isAsking, setAsking] = useState(false);
  if (endedAt !== undefined || interrupted) return null;
  const button = (action: Action, title: string, done: string): JSX.Element => (
    <button
      type="button"
      class={action === 'stop' ? 'reject' : undefined}
      disabled={isBusy}
      onClick={() => {
        setAsking(false);
        void run(() => act(name, action), done);
      }}
    >
      {title}
    </button>
  );
  return (
    <div class="steering">
      <div class="buttons">
        {paused
          ? button('resume', 'Resume', 'The team continues.')
          : button('pause', 'Pause', 'The agents stop at their next request.')}
        {isAsking ? (
          <>
            {button('stop', 'Stop for good', 'The team is stopping.')}
            <button type="button" onClick={() => setAsking(false)}>
              Keep it running
            </button>
          </>
        ) : (
          <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>
            Stop …
          </button>
        )}
      </div>
      <Outcome result={result} />
    </div>
  );
}

/** A field to send a message to an agent, or to one that is chosen. */
export function Tell({
  team,
  agents,
}: {
  team: string;
  /** The agents to choose from. With one, the message goes to that agent. */
  agents: readonly string[];
}): JSX.Element {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const { isBusy, result, run } = useRequest();
  const id = useId();
  const [only = ''] = agents;
  const isOne = agents.length === 1;
  const receiver = isOne ? only : chosen;
  const send = async (): Promise<void> => {
    const done = receiver === '' ? 'Sent to all agents.' : `Sent to ${receiver}.`;
    const receivers = receiver === '' ? [] : [receiver];
    if (await run(() => tell(team, receivers, text), done)) setText('');
  };
  return (
    <form
      class="answer tell"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {!isOne && (
        <label>
          To{' '}
          <select value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            <option value="">all agents</option>
            {agents.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label for={id}>{isOne ? `Message to ${only}` : 'Message'}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={16_384}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div class="buttons">
        <button type="submit" disabled={isBusy || text.trim() === ''}>
          Send
        </button>
      </div>
      <Outcome result={result} />
    </form>
  );
}
