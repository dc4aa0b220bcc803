import type { AgentDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { interrupt, tell } from '../connection/api.ts';
import { Activity } from '../parts/activity.tsx';
import { Outcome, useRequest } from '../parts/request.tsx';

/** What an interrupted agent gets from a person who has nothing to say. */
const GO_ON = 'Go on with your work.';

type Receiver = Pick<AgentDetail, 'name' | 'state' | 'activity'>;

/** A field to send a message to an agent, or to one that is chosen, and a button that interrupts it. */
export function Tell({
  team,
  agents,
  first,
}: {
  team: string;
  /** The agents to choose from. With one, the message goes to that agent. */
  agents: readonly Receiver[];
  /** Name of the agent that is chosen at first; empty for all. */
  first: string;
}): JSX.Element {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(agents.some(({ name }) => name === first) ? first : '');
  const { isBusy, result, run } = useRequest();
  const id = useId();
  const [only] = agents;
  const isOne = agents.length === 1;
  const receiver = isOne ? only : agents.find(({ name }) => name === chosen);
  const send = async (message: string): Promise<void> => {
    const receivers = receiver === undefined ? [] : [receiver.name];
    const isSent = await run(() => tell(team, receivers, message), sentTo(receiver));
    // What the person is writing stays if something else was sent.
    if (isSent) setText((now) => (now === message ? '' : now));
  };
  return (
    <form
      class="answer tell"
      onSubmit={(event) => {
        event.preventDefault();
        void send(text);
      }}
    >
      {!isOne && (
        <label>
          To{' '}
          <select value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            <option value="">all agents</option>
            {agents.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {receiver?.activity && <Activity activity={receiver.activity} />}
      <label for={id}>{isOne ? `Message to ${only?.name}` : 'Message'}</label>
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
        {receiver?.state === 'running' && (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => void run(() => interrupt(team, receiver.name), interrupted(receiver))}
          >
            Interrupt {receiver.name}
          </button>
        )}
        {receiver?.activity?.kind === 'interrupted' && (
          <button type="button" disabled={isBusy} onClick={() => void send(GO_ON)}>
            Let {receiver.name} go on
          </button>
        )}
      </div>
      <Outcome result={result} />
    </form>
  );
}

function sentTo(receiver: Receiver | undefined): string {
  if (receiver === undefined) return 'Sent to all agents.';
  const { name, activity } = receiver;
  const when = activity?.kind === 'tool' ? ' The agent reads it when its tool has ended.' : '';
  return `Sent to ${name}.${when}`;
}

function interrupted({ name }: Receiver): string {
  return `Interrupted: ${name} waits for a message, for ten minutes at most.`;
}
